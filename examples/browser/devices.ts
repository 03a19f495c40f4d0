import { cpu, type Device } from 'lambdagrad';
import { type GpuDevice, gpu } from 'lambdagrad/gpu';

const CHOICES = ['cpu', 'webgl2', 'webgpu'] as const;
export type Choice = (typeof CHOICES)[number];

/** What is chosen in the page's form. */
export function chosenIn(form: HTMLFormElement): Choice {
  const value = new FormData(form).get('device');
  return CHOICES.find((choice) => choice === value) ?? 'cpu';
}

/** The GPUs that were found. Each is made once: a page can have but a few. */
const found = new Map<Choice, GpuDevice>();

/** The device of one's choice. Throws a `DeviceError` that says what is missing. */
export async function deviceFor(choice: Choice): Promise<Device> {
  if (choice === 'cpu') return cpu;
  const device = found.get(choice) ?? (await gpu({ mode: choice }));
  found.set(choice, device);
  return device;
}

/** Has a device that failed made anew when it is next chosen. */
export const forget = (choice: Choice): boolean => found.delete(choice);

/** A device in words: a GPU's mode and adapter; for the CPU how many threads there may be. */
export function named(device: Device): string {
  if (device !== cpu) return device.name;
  const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 8) : 1;
  return `cpu (WebAssembly, ${threads === 1 ? 'one thread' : `up to ${threads} threads`})`;
}
