// Runs the README's main job, and the small network beside it, and holds both to what the README promises.
import { spawnSync } from 'node:child_process';
import { ROOT } from '../tests/readme.js';

/** Percent of the test images, and the job that must tell them. */
const jobs = { cnn: 98, mnist: 99 };

for (const [job, least] of Object.entries(jobs)) {
  const { status, stdout } = spawnSync('npm', ['run', '--silent', job], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout);
  const accuracy = Number(/([\d.]+) % of 10000 test images/.exec(stdout)?.[1]);
  if (status !== 0 || !(accuracy >= least)) {
    throw new Error(
      `npm run ${job} ended with ${status} and ${accuracy} %, expected at least ${least} %`,
    );
  }
}
