/** What importing the library and taking a first gradient costs a cold process. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './protocol.js';

const FIRST_GRADIENT = `
  import { grad, mul, sum, tensor } from 'lambdagrad';
  const x = tensor([1, 2, 3], { requiresGrad: true });
  if (grad(sum(mul(x, x)), x).data[2] !== 6) throw new Error('a wrong gradient');
`;

/** No process takes this long. */
const PATIENCE_MS = 60_000;

/** Milliseconds from starting a Node process until it has run the program and ended. */
function lifetime(node: string, program: string): number {
  const start = performance.now();
  const { status, stderr, error } = spawnSync(node, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  if (status !== 0) throw error ?? new Error(stderr);
  return performance.now() - start;
}

/** Milliseconds beyond what an empty process takes, each the median of as many spawns, in turn. */
export function startup(node: string, spawns: number): number {
  const [empty, first]: number[][] = [[], []];
  for (let i = 0; i < spawns; i++) {
    empty.push(lifetime(node, ''));
    first.push(lifetime(node, FIRST_GRADIENT));
  }
  return median(first) - median(empty);
}
