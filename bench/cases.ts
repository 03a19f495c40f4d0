import { Adam, Conv2d, Linear, Module, SGD } from '../nn/index.js';
import {
  add,
  conv2d,
  crossEntropy,
  einsum,
  flatten,
  grad,
  manualSeed,
  matmul,
  mul,
  noGrad,
  randint,
  randn,
  relu,
  scaledDotProductAttention,
  softmax,
  sum,
  type Tensor,
  tanh,
} from '../ops/index.js';

/** Something to time: `run` is called again and again. */
export interface Case {
  readonly name: string;
  readonly run: () => unknown;
  /** Multiplications and additions of one run. */
  readonly flops?: number;
  /** Bytes that one run must read and write. */
  readonly bytes?: number;
}

class Perceptron extends Module {
  first = new Linear(784, 256);
  second = new Linear(256, 128);
  third = new Linear(128, 10);

  forward(x: Tensor): Tensor {
    return this.third.forward(relu(this.second.forward(relu(this.first.forward(x)))));
  }
}

class SmallConvolutions extends Module {
  conv1 = new Conv2d(1, 8, 5, { stride: 2, padding: 2 });
  conv2 = new Conv2d(8, 16, 5, { stride: 2, padding: 2 });
  output = new Linear(784, 10);

  forward(x: Tensor): Tensor {
    const edges = relu(this.conv1.forward(x));
    return this.output.forward(flatten(relu(this.conv2.forward(edges)), 1));
  }
}

function trainingStep(model: Perceptron | SmallConvolutions, optimizer: Adam | SGD, x: Tensor) {
  const labels = randint(0, 10, [x.shape[0]]);
  return (): void => {
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), labels).backward();
    optimizer.step();
  };
}

function attentionStep(): () => void {
  const [b, n, heads, depth] = [4, 256, 4, 32];
  const x = randn([b, n, heads * depth]);
  const weight = randn([3 * heads * depth, heads * depth])
    .mul(0.05)
    .requiresGrad_();
  return () => {
    const [q, k, v] = x
      .linear(weight)
      .reshape([b, n, 3, heads, depth])
      .permute([2, 0, 3, 1, 4])
      .chunk(3)
      .map((t) => t.squeeze(0));
    const g = grad(sum(scaledDotProductAttention(q, k, v).square()), weight);
    noGrad(() => weight.sub_(g.mul(1e-6)));
  };
}

/** Everything that `npm run bench` times, on fixed random numbers. */
export function cases(): Case[] {
  manualSeed(0);
  const products = [16, 64, 128, 256, 512].map((n): Case => {
    const [a, b] = [randn([n, n]), randn([n, n])];
    return { name: `matmul ${n}`, run: () => matmul(a, b), flops: 2 * n ** 3 };
  });
  const [x, y, bias] = [randn([1024, 1024]), randn([1024, 1024]), randn([1024])];
  const megabytes = 4 * x.size;
  const [q, k] = [randn([4, 256, 4, 32]), randn([4, 256, 4, 32])];
  const images = randn([8, 32, 32, 32]).requiresGrad_();
  const filters = randn([64, 32, 3, 3]).requiresGrad_();
  const convFlops = 2 * 8 * 64 * 32 * 32 * 32 * 9;
  const small = randn([10]).requiresGrad_();
  const [perceptron, network] = [new Perceptron(), new SmallConvolutions()];
  return [
    ...products,
    {
      name: 'einsum bnhd,bmhd->bhnm [4, 256, 4, 32]',
      run: () => einsum('bnhd,bmhd->bhnm', q, k),
      flops: 2 * 4 * 4 * 256 * 256 * 32,
    },
    {
      name: 'tanh(x*y+b) [1024, 1024]',
      run: () => tanh(add(mul(x, y), bias)),
      bytes: 7 * megabytes,
    },
    { name: 'softmax [1024, 1024]', run: () => softmax(x, -1), bytes: 2 * megabytes },
    { name: 'sum over axis 0 [1024, 1024]', run: () => sum(x, 0), bytes: megabytes },
    { name: 'sum over axis 1 [1024, 1024]', run: () => sum(x, 1), bytes: megabytes },
    {
      name: 'conv2d 3×3 [8, 32, 32, 32] → 64, forward',
      run: () => noGrad(() => conv2d(images, filters, null, { padding: 1 })),
      flops: convFlops,
    },
    {
      name: 'the same with both gradients',
      run: () => grad(sum(conv2d(images, filters, null, { padding: 1 })), [images, filters]),
      flops: 3 * convFlops,
    },
    {
      name: 'x + x of ten numbers, forward and backward',
      run: () => grad(sum(add(small, small)), small),
    },
    {
      name: 'SGD step of 784-256-128-10, batch 64',
      run: trainingStep(
        perceptron,
        new SGD(perceptron.parameters(), { lr: 1e-3 }),
        randn([64, 784]),
      ),
    },
    {
      name: 'Adam step of the MNIST network, batch 64',
      run: trainingStep(network, new Adam(network.parameters()), randn([64, 1, 28, 28])),
    },
    { name: 'SGD step of self-attention, 256 tokens, batch 4', run: attentionStep() },
  ];
}
