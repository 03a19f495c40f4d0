import { ArgumentError, DeviceError } from '../core/errors.js';
import { checkOneOf, show } from '../core/shape.js';
import type { CompiledKernel, EngineClass, Mode } from './facade.js';

/** Every mode by name, and whether it needs a GPU (or a driver that does as if). */
export const MODES: readonly Mode[] = ['webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm', 'cpu'];

/** Named at run time, so that neither a compiler nor a bundler asks for a package that is optional. */
const PACKAGE = 'gpu.js';
/** WebGPU for Node, by Google's Dawn. */
const DAWN = 'webgpu';

const isNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

/** gpu.js's class, from what it exports or itself. Throws an `ArgumentError` for anything else. */
export function engineIn(given: object): EngineClass {
  const found = classIn(given);
  if (found !== null) return found;
  throw new ArgumentError(
    `gpu: expected the class GPU of ${PACKAGE} as the engine, got ${show(given)}`,
  );
}

/** The class in what a script or a module has under the name GPU; WebGPU has an interface of that name. */
function classIn(given: unknown): EngineClass | null {
  if (Object(given) !== given) return null;
  const { GPU } = given as { GPU?: unknown };
  const found = GPU === undefined ? given : GPU;
  return isEngine(found) ? found : null;
}

const isEngine = (found: unknown): found is EngineClass =>
  typeof found === 'function' && 'isWebGPUAvailable' in found;

/** The class that gpu.js exports: a page's own, from a script tag, or that of the installed package. */
export async function loadEngine(): Promise<EngineClass> {
  const { GPU: script }: { GPU?: unknown } = globalThis;
  const onPage = classIn(script);
  if (onPage !== null) return onPage;
  let loaded: { default?: unknown };
  try {
    loaded = await import(PACKAGE);
  } catch (error) {
    throw new DeviceError(
      `gpu: expected the package ${PACKAGE} to be installed, or its script on the page, found neither`,
      { cause: error },
    );
  }
  const found = classIn(loaded) ?? classIn(loaded.default);
  if (found !== null) return found;
  throw new DeviceError(`gpu: expected the package ${PACKAGE} to export GPU, found none`);
}

/** What is missing for a mode here, in words; null if it can be tried. */
async function lacking(mode: Mode, GPU: EngineClass): Promise<string | null> {
  switch (mode) {
    case 'webgpu':
      if (isNode()) return dawn();
      return (await GPU.isWebGPUAvailable())
        ? null
        : 'a browser with WebGPU and an adapter for it (in headless Chromium the flag --enable-unsafe-webgpu)';
    case 'webgl2':
      return !isNode() && GPU.isWebGL2Supported ? null : 'a browser with WebGL 2';
    case 'webgl':
      return !isNode() && GPU.isWebGLSupported ? null : 'a browser with WebGL';
    case 'headlessgl':
      return isNode() && GPU.isHeadlessGLSupported
        ? null
        : 'Node with the package gl, built, and an X display (such as xvfb-run gives)';
    default:
      return null;
  }
}

/** Puts WebGPU where gpu.js looks for it in Node. */
async function dawn(): Promise<string | null> {
  const global = globalThis as { navigator?: { gpu?: unknown } };
  if (global.navigator?.gpu === undefined) {
    let made: { create(flags: string[]): unknown; globals: object };
    try {
      made = (await import(DAWN)) as typeof made;
    } catch {
      return `the package ${DAWN}, of a version that loads on this system`;
    }
    Object.assign(globalThis, made.globals);
    const gpu = made.create([]);
    if (global.navigator === undefined) {
      Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    } else Object.defineProperty(global.navigator, 'gpu', { value: gpu, configurable: true });
  }
  return (await adapters().requestAdapter()) === null
    ? 'a Vulkan driver for a GPU (VK_ICD_FILENAMES names one)'
    : null;
}

interface Adapters {
  requestAdapter(): Promise<{ info?: Record<string, string> } | null>;
}

const adapters = (): Adapters => {
  const { navigator }: { navigator?: unknown } = globalThis;
  return (navigator as { gpu: Adapters }).gpu;
};

/** The mode to use: the one asked for, or the first that there is. Throws a `DeviceError` saying what is missing. */
export async function chooseMode(GPU: EngineClass, wanted: Mode | undefined): Promise<Mode> {
  if (wanted !== undefined) {
    const mode = checkOneOf('gpu', 'mode', wanted, MODES);
    const missing = await lacking(mode, GPU);
    if (missing === null) return mode;
    throw new DeviceError(`gpu: expected ${missing} for mode '${mode}', found none`);
  }
  const order: Mode[] = isNode() ? ['headlessgl', 'webgpu'] : ['webgpu', 'webgl2', 'webgl'];
  const missing: string[] = [];
  for (const mode of order) {
    const lack = await lacking(mode, GPU);
    if (lack === null) return mode;
    missing.push(`${mode}: ${lack}`);
  }
  throw new DeviceError(`gpu: expected a GPU, found none; it would take ${missing.join('; or ')}`);
}

/** What the driver calls the hardware, as far as it says. */
export async function adapterOf(mode: Mode, context: unknown): Promise<string> {
  if (mode === 'webasm' || mode === 'cpu') return 'no GPU';
  if (mode === 'webgpu') {
    const info = (await adapters().requestAdapter())?.info ?? {};
    const said = [info.vendor, info.architecture, info.device, info.description];
    return said.filter((word) => word).join(' ') || 'unnamed';
  }
  const gl = context as WebGLRenderingContext;
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  return String(
    gl.getParameter(extension === null ? gl.RENDERER : extension.UNMASKED_RENDERER_WEBGL),
  );
}

/** The mode that a kernel ran in, and why, where it is another than it should have been; else null. */
export function ranInstead({ kernel }: CompiledKernel, mode: Mode): string | null {
  const { fallbackReason, context } = kernel;
  const ran = ranIn(kernel.constructor.mode, context);
  if (ran === mode && !fallbackReason) return null;
  return fallbackReason ? `${ran}: ${fallbackReason}` : ran;
}

/** The mode by its name: of those on WebGL gpu.js says 'gpu', and its context which. */
function ranIn(said: string | undefined, context: unknown): string {
  if (said !== 'gpu') return String(said);
  const { WebGL2RenderingContext: Two, WebGLRenderingContext: One } = globalThis;
  if (Two !== undefined && context instanceof Two) return 'webgl2';
  if (One !== undefined && context instanceof One) return 'webgl';
  return 'headlessgl';
}
