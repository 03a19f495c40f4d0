/** What there is to compute on. */

/** What the interfaces to the GPU call it; null where there is none. */
export interface Adapters {
  readonly webgl: string | null;
  readonly webgpu: string | null;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i;

/** Whether one of them is a processor that stands in for a GPU. */
export const isSoftware = ({ webgl, webgpu }: Adapters): boolean =>
  SOFTWARE.test(`${webgl} ${webgpu}`);

/** Asks for them, in a page or in Node. */
export async function adapters(): Promise<Adapters> {
  return { webgl: webgl(), webgpu: await webgpu() };
}

function webgl(): string | null {
  if (typeof OffscreenCanvas === 'undefined') return null;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (gl === null) return null;
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

async function webgpu(): Promise<string | null> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  if (adapter === null || adapter === undefined) return null;
  const { vendor, architecture, device, description } = adapter.info;
  return [vendor, architecture, device, description].filter((word) => word !== '').join(' ');
}
