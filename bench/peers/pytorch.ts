import { spawnSync } from 'node:child_process';

export interface PyTorch {
  readonly python: string;
  readonly version: string;
}

export const INSTALL_TORCH =
  'PyTorch is not installed: `apt-get install python3-torch libopenblas0-pthread`, or ' +
  '`pip install torch`; `--python PATH` says which Python has it.';

/** The first Python that can import torch, or none. */
export function findTorch(given: string | undefined): PyTorch | undefined {
  const candidates = given === undefined ? ['python3', '/usr/bin/python3', 'python'] : [given];
  for (const python of candidates) {
    const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
    });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}
