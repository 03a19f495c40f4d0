/** `lambdagrad/gpu`: tensors on the GPU, through the optional package gpu.js. */
import { DeviceError } from '../core/errors.js';
import { mode as running } from '../core/mode.js';
import { optionsOf } from '../core/options.js';
import { GpuDevice } from './device.js';
import type { Mode } from './facade.js';
import { functions, parametersOf } from './functions.js';
import { healthOf } from './health.js';
import { adapterOf, chooseMode, engineIn, loadEngine, ranInstead } from './modes.js';

export { GpuDevice } from './device.js';
export type { Mode } from './facade.js';

export interface GpuOptions {
  /**
   * How gpu.js is to run: `webgpu`, `webgl2` or `webgl` in a browser, `headlessgl` or `webgpu` in Node;
   * `webasm` and `cpu` run the same kernels without a GPU, slowly, for tests. Unless said otherwise the
   * first of these that there is, `webasm` and `cpu` never.
   */
  mode?: Mode | undefined;
  /**
   * The class `GPU` of gpu.js, for a page whose bundler is to bring it along:
   * `import { GPU } from 'gpu.js'`. Unless said otherwise that of the page's script or the installed package.
   */
  engine?: object | undefined;
}

/**
 * The GPU as a device: `x.to(device)` and `module.to(device)` move numbers there, and what is computed
 * from them stays there until it is read. `device.mode` and `device.adapter` say what was found. Numbers
 * are float32, int32 (exact up to 2²⁴) or bool; at most 2²⁴ in one tensor.
 *
 * Throws an `ArgumentError` for an unknown mode, and a `DeviceError` that names what is missing: the
 * package, a driver, a display, a flag.
 */
export async function gpu(options: GpuOptions = {}): Promise<GpuDevice> {
  const given = optionsOf('gpu', options, {
    mode: undefined as Mode | undefined,
    engine: undefined as object | undefined,
  });
  const GPU = given.engine === undefined ? await loadEngine() : engineIn(given.engine);
  const mode = await chooseMode(GPU, given.mode);
  const engine = new GPU({ mode });
  for (const source of functions) {
    const argumentTypes = Object.fromEntries(
      parametersOf(source).map((p) => [p, 'Number'] as const),
    );
    engine.addFunction(source, { argumentTypes, returnType: 'Number' });
  }
  // gpu.js falls back to another mode without a word: what runs is looked at, not taken on trust.
  const probe = engine.createKernel('function (x) {\nreturn 2 * x;\n}', {
    output: [1],
    precision: 'single',
    tactic: 'precision',
    pipeline: false,
    immutable: false,
    loopMaxIterations: 1,
  });
  const answer = await probe(21);
  const first = answer instanceof Float32Array ? answer[0] : Number.NaN;
  const other = ranInstead(probe, mode);
  if (first !== 42 || other !== null) {
    await engine.destroy();
    throw new DeviceError(
      `gpu: expected mode '${mode}' to run, got ${first} for 42 from ${other ?? mode}`,
    );
  }
  const { context } = probe.kernel;
  const adapter = await adapterOf(mode, context);
  running.notes = true;
  return new GpuDevice(engine, mode, adapter, healthOf(mode, context), context);
}
