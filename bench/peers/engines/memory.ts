/** What training does to the memory of this process. Arguments: threads, steps. */
import { readFileSync } from 'node:fs';
import { crossEntropy, flatten, randint, randn, relu, setThreads, type Tensor } from 'lambdagrad';
import { Adam, Conv2d, Linear, Module } from 'lambdagrad/nn';
import { type Footprint, READINGS } from '../footprint.js';

class Network extends Module {
  conv1 = new Conv2d(1, 8, 5, { stride: 2, padding: 2 });
  conv2 = new Conv2d(8, 16, 5, { stride: 2, padding: 2 });
  output = new Linear(784, 10);

  /** Images `[b, 1, 28, 28]` → scores `[b, 10]`. */
  forward(images: Tensor): Tensor {
    const edges = relu(this.conv1.forward(images));
    return this.output.forward(flatten(relu(this.conv2.forward(edges)), 1));
  }
}

/** A field of /proc/self/status, in bytes. (What getrusage calls the peak is the parent's, if larger.) */
function status(field: string): number {
  const text = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

const [threads, steps] = process.argv.slice(2).map(Number);
setThreads(threads);
const network = new Network();
const optimizer = new Adam(network.parameters());
const resident: number[] = [];
for (let step = 1; step <= steps; step++) {
  const [images, labels] = [randn([64, 1, 28, 28]), randint(0, 10, [64])];
  optimizer.zeroGrad();
  crossEntropy(network.forward(images), labels).backward();
  optimizer.step();
  if (step % (steps / READINGS) === 0) resident.push(status('VmRSS'));
}
const footprint: Footprint = { resident, peak: status('VmHWM') };
console.log(JSON.stringify(footprint));
