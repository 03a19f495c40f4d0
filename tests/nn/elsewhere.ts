import { allocate } from '../../core/dtype.js';
import { cpu, type Device, type DType, type Kernels, type Storage } from '../../ops/index.js';

/** The CPU under another name: a second device. `watch` is told of each of its kernels that is called. */
export function secondDevice(watch: (kernel: string) => void = () => {}): Device {
  const stored = (dtype: DType, data: Storage['data']): Storage => ({
    device,
    dtype,
    data,
    length: data.length,
    version: 0,
  });
  const kernels: Kernels = {
    ...cpu.kernels,
    full: (dtype, length, value) => stored(dtype, allocate(dtype, length).fill(value)),
  };
  const device: Device = {
    ...cpu,
    name: 'elsewhere',
    kernels: new Proxy(kernels, {
      get(target, name, receiver) {
        watch(String(name));
        return Reflect.get(target, name, receiver);
      },
    }),
    upload: stored,
  };
  return device;
}

export const elsewhere = secondDevice();
