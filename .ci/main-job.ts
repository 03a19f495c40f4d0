// Runs the README's main job and holds it to the accuracy that the README promises.
import { spawnSync } from 'node:child_process';
import { ROOT } from '../tests/readme.js';

const LEAST = 98;

const { status, stdout } = spawnSync('npm', ['run', '--silent', 'mnist'], {
  cwd: ROOT,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
console.log(stdout);
const accuracy = Number(/([\d.]+) % of 10000 test images/.exec(stdout)?.[1]);
if (status !== 0 || !(accuracy >= LEAST)) {
  throw new Error(
    `the main job ended with ${status} and ${accuracy} %, expected at least ${LEAST} %`,
  );
}
