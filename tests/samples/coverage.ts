import { broadcastShapes, sameShape } from '../../core/shape.js';
import { registry, type Tensor } from '../../ops/index.js';
import { inputsOf, type Sample, type Samples } from './sample.js';

// What the samples of an op must show, so that a case is not left out by oversight.

/** What can be seen in a sample, from its inputs and the axes that it names. */
const traits = {
  'a 0-d tensor': (inputs: readonly Tensor[]) => inputs.some((x) => x.ndim === 0),
  'a tensor of size 0': (inputs: readonly Tensor[]) => inputs.some((x) => x.size === 0),
  'a negative axis': (_: readonly Tensor[], { dims }: Sample) => dims.some((dim) => dim < 0),
  'several axes': (_: readonly Tensor[], { dims }: Sample) => dims.length > 1,
  'operand 0 broadcast': broadcasts(0),
  'operand 1 broadcast': broadcasts(1),
  'operand 2 broadcast': broadcasts(2),
};

type Trait = keyof typeof traits;

/** Whether operand i is smaller than what it and the others broadcast to. */
function broadcasts(i: number) {
  return (inputs: readonly Tensor[]): boolean => {
    if (i >= inputs.length) return false;
    const shape = broadcastShapes('coverage', ...inputs.map((x) => x.shape));
    return !sameShape(shape, inputs[i].shape);
  };
}

const names = (list: string): string[] => list.trim().split(/\s+/);

const reductions = names('sum mean prod amax amin var std logsumexp norm all any');
const binary = names(
  'add sub mul div pow maximum minimum atan2 eq ne lt le gt ge logicalAnd logicalOr',
);
const ternary = names('where lerp');

/** Which ops must show a trait; 0-d and size 0 are asked of all. */
const required: Partial<Record<Trait, readonly string[]>> = {
  'a negative axis': [
    ...reductions,
    ...names('argmax argmin cumsum cumprod recurrence softmax logSoftmax normalize'),
    ...names('flatten permute transpose squeeze unsqueeze cat stack split chunk flip roll'),
    ...names('narrow slice select diagonal indexSelect gather scatterAdd argsort sort topk'),
    ...names('tensordot cosineSimilarity'),
  ],
  'several axes': [...reductions, ...names('permute squeeze flip roll normalize tensordot')],
  'operand 0 broadcast': [...binary, ...ternary, 'cosineSimilarity'],
  'operand 1 broadcast': [...binary, ...ternary, 'maskedFill', 'cosineSimilarity'],
  'operand 2 broadcast': ternary,
};

/** Why some ops have no sample of a 0-d tensor. */
const without0d: Readonly<Record<string, readonly string[]>> = {
  'takes axes to swap, cut, join or pair': names(
    'transpose cat split chunk roll narrow slice select diagonal cosineSimilarity',
  ),
  'takes vectors or matrices': names('dot outer matmul bmm linear trace tril triu'),
  'takes [b, c, …]': names(`convolve convolveInput convolveFilter conv1d conv2d conv3d
    convTranspose1d convTranspose2d convTranspose3d maxPoolIndex maxPool1d maxPool2d maxPool3d
    avgPool1d avgPool2d avgPool3d adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d
    adaptiveAvgPool1d adaptiveAvgPool2d adaptiveAvgPool3d unfold interpolate
    groupNorm instanceNorm batchNorm`),
  'takes the last axes by their sizes': names('layerNorm rmsNorm'),
  'takes [..., n, d]': ['scaledDotProductAttention'],
  'takes [b, n, h, k]': ['lambdaLayer'],
  'takes [outer, n, inner]': names('moments standardize standardizeGrad'),
  'takes a table [rows, cols, k, u]': ['relativeEmbeddings'],
  'of one number is 0 with an infinite derivative': ['std'],
};

/** The library's own ops, listed before any test defines more. */
const ops = [...registry.keys()];

/** What is missing from the samples, a line each; nothing if all is there. */
export function gaps(samples: Samples): string[] {
  const excused = Object.values(without0d).flat();
  const listed = [...Object.values(required).flat(), ...excused];
  return [
    ...Object.keys(samples)
      .filter((op) => !ops.includes(op))
      .map((op) => `${op}: has samples, but is not in the registry`),
    ...listed.filter((op) => !ops.includes(op)).map((op) => `${op}: is not in the registry`),
    ...ops.flatMap((op) => gapsOf(op, samples[op] ?? [], excused.includes(op))),
  ];
}

function gapsOf(op: string, samples: readonly Sample[], excused: boolean): string[] {
  const found: string[] = [];
  const titles = samples.map(({ title }) => title);
  for (const title of titles.filter((title, i) => titles.indexOf(title) !== i)) {
    found.push(`${op}: two samples are called “${title}”`);
  }
  const shows = (trait: Trait): boolean =>
    samples.some((each) => traits[trait](inputsOf(op, each), each));
  for (const trait of asked(op, samples, excused)) {
    if (!shows(trait)) found.push(`${op}: has no sample of ${trait}`);
  }
  if (excused && shows('a 0-d tensor')) {
    found.push(`${op}: has a sample of a 0-d tensor, and a reason for having none`);
  }
  return found;
}

function asked(op: string, samples: readonly Sample[], excused: boolean): Trait[] {
  const list = (Object.keys(required) as Trait[]).filter((trait) => required[trait]?.includes(op));
  list.push('a tensor of size 0');
  if (!excused) list.push('a 0-d tensor');
  // An op whose samples name axes takes them, whether it is listed or not.
  if (samples.some(({ dims }) => dims.length > 0)) list.push('a negative axis');
  return [...new Set(list)];
}
