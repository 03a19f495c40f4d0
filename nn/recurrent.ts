import { checkBoolean, checkInteger, formatShape, type Shape, show } from '../core/shape.js';
import { checkDimensions, indexTensor, onlyTensor, optionsOf } from '../ops/arguments.js';
import { checkProbability } from '../ops/dropout.js';
import {
  ArgumentError,
  add,
  arange,
  cat,
  chunk,
  type DType,
  dropout,
  gt,
  linear,
  reshape,
  ShapeError,
  select,
  squeeze,
  stack,
  Tensor,
  tensor,
  transpose,
  unsqueeze,
  where,
} from '../ops/index.js';
import { changes } from './describe.js';
import { fanInUniform } from './fan-in.js';
import type { LayerOptions } from './linear.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import {
  checkNonlinearity,
  checkStatePair,
  gruStep,
  lstmStep,
  type Nonlinearity,
  rnnStep,
  stateOf,
} from './recurrent-cells.js';

export interface RecurrentOptions extends LayerOptions {
  /** Layers, each reading the one below: 1 unless said otherwise. */
  numLayers?: number;
  /** Whether input and output are `[batch, steps, …]` rather than `[steps, batch, …]`; false. */
  batchFirst?: boolean;
  /** How likely, in training, a number that one layer hands to the next is dropped: 0. */
  dropout?: number;
  /** Whether each layer also reads from the end, its output beside that of the other direction; false. */
  bidirectional?: boolean;
}

export interface SequenceOptions {
  /**
   * Where each sequence of the batch ends (int32, on the CPU); what follows is padding, which is never
   * read. Outputs there are 0, final states are those at a sequence's own end, and the reverse direction
   * starts there.
   */
  lengths?: Tensor | readonly number[] | null;
}

const DEFAULTS = {
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
  dtype: 'float32' as DType,
};

/** What one direction of one layer carries from step to step: h `[batch, …]`, of an LSTM also c. */
type State = readonly Tensor[];

type Weight = 'weightIh' | 'weightHh' | 'weightHr';
type Bias = 'biasIh' | 'biasHh';

/** Where one direction of one layer has its parameters: `L0`, `L0Reverse`, `L1`, … */
const suffixOf = (layer: number, reverse: boolean): `L${string}` =>
  `L${layer}${reverse ? 'Reverse' : ''}`;

/**
 * The steps of x `[steps, …]`, each `[…]`. The gradient of a part is as large as its whole, so parts of
 * one whole would cost steps²; parts of parts cost steps · log steps.
 */
const unstack = (x: Tensor): Tensor[] =>
  x.shape[0] === 1 ? [squeeze(x, 0)] : chunk(x, 4).flatMap(unstack);

/**
 * Layers of a recurrent network. The parameters of layer i are `weightIhLi`, `weightHhLi`, `biasIhLi`
 * and `biasHhLi`, those of its reverse direction end in `Reverse`; in a state dict they are PyTorch's
 * `weight_ih_l0`, `weight_ih_l0_reverse`, ….
 */
abstract class Recurrent extends Module {
  [name: `${Weight}L${string}`]: Parameter;
  [name: `${Bias}L${string}`]: Parameter | null;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;

  /** `widths`: the last axis of h, and of what else the state has. */
  constructor(
    private readonly op: string,
    gates: number,
    readonly inputSize: number,
    readonly hiddenSize: number,
    private readonly widths: readonly number[],
    options: Required<RecurrentOptions>,
  ) {
    super();
    checkInteger(op, 'inputSize', inputSize, 1);
    checkInteger(op, 'hiddenSize', hiddenSize, 1);
    this.numLayers = checkInteger(op, 'numLayers', options.numLayers, 1);
    this.batchFirst = checkBoolean(op, 'batchFirst', options.batchFirst);
    this.dropout = checkProbability(op, options.dropout);
    this.bidirectional = checkBoolean(op, 'bidirectional', options.bidirectional);
    const biased = checkBoolean(op, 'bias', options.bias);
    const start = (shape: Shape): Parameter => fanInUniform(op, shape, hiddenSize, options.dtype);
    const rows = gates * hiddenSize;
    const [width] = widths;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : width * this.directions.length;
      for (const reverse of this.directions) {
        const suffix = suffixOf(layer, reverse);
        this[`weightIh${suffix}`] = start([rows, inputs]);
        this[`weightHh${suffix}`] = start([rows, width]);
        this[`biasIh${suffix}`] = biased ? start([rows]) : null;
        this[`biasHh${suffix}`] = biased ? start([rows]) : null;
        if (width !== hiddenSize) this[`weightHr${suffix}`] = start([width, hiddenSize]);
      }
    }
  }

  /** The directions of a layer by whether they are the reverse one. */
  private get directions(): readonly boolean[] {
    return this.bidirectional ? [false, true] : [false];
  }

  /** The next state from W_ih·x and W_hh·h, to which `biases` are added. */
  protected abstract step(
    fromInput: Tensor,
    fromHidden: Tensor,
    state: State,
    suffix: `L${string}`,
  ): State;

  /**
   * What is added to W_ih·x, for all steps at once, and what to W_hh·h, in each step. Where a step only
   * ever adds the two, it need not add b_hh again and again.
   */
  protected biases(suffix: `L${string}`): readonly [Tensor | null, Tensor | null] {
    const [ih, hh] = [this[`biasIh${suffix}`], this[`biasHh${suffix}`]];
    return ih === null || hh === null ? [ih, hh] : [add(ih, hh), null];
  }

  /** All layers over all steps; the state's tensors are `[layers·directions, batch, width]` each. */
  protected run(
    input: Tensor,
    initial: readonly (Tensor | null | undefined)[],
    options: SequenceOptions,
  ): [output: Tensor, final: Tensor[]] {
    const { op, batchFirst } = this;
    const { lengths } = optionsOf(op, options, { lengths: null } as Required<SequenceOptions>);
    const given = this.checkInput(input);
    const single = given.ndim === 2;
    const inOrder = single ? unsqueeze(given, 1) : batchFirst ? transpose(given, 0, 1) : given;
    const live = lengths === null ? null : liveSteps(op, lengths, inOrder);
    const starts = this.statesFrom(initial, inOrder.shape[1], single);

    let x = live === null ? inOrder : where(live.all, inOrder, 0);
    const ends: State[] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0) x = dropout(x, this.dropout, { training: this.training });
      const outputs = this.directions.map((reverse) => {
        const start = starts.map((states) => states[ends.length]);
        const [output, end] = this.pass(x, start, live, suffixOf(layer, reverse), reverse);
        ends.push(end);
        return output;
      });
      const output = cat(outputs, 2);
      x = live === null ? output : where(live.all, output, 0);
    }
    const final = this.widths.map((_, i) => stack(ends.map((state) => state[i])));
    if (single) return [squeeze(x, 1), final.map((s) => squeeze(s, 1))];
    return [batchFirst ? transpose(x, 0, 1) : x, final];
  }

  /** Each of the state's tensors as a list `[batch, width]`, one for each direction of each layer. */
  private statesFrom(
    initial: readonly (Tensor | null | undefined)[],
    batch: number,
    single: boolean,
  ): Tensor[][] {
    const count = this.numLayers * this.directions.length;
    return this.widths.map((width, i) => {
      const what = i === 0 ? 'a hidden state' : 'a cell state';
      const shape = single ? [count, width] : [count, batch, width];
      const state = stateOf(this.op, what, initial[i], shape, this.weightIhL0);
      return unstack(reshape(state, [count, batch, width]));
    });
  }

  /** One direction of one layer over x `[steps, batch, …]`: h after each step, and the last state. */
  private pass(
    x: Tensor,
    initial: State,
    live: Live | null,
    suffix: `L${string}`,
    reverse: boolean,
  ): [output: Tensor, final: State] {
    const [inputBias, hiddenBias] = this.biases(suffix);
    const fromInput = unstack(linear(x, this[`weightIh${suffix}`], inputBias));
    const order = [...fromInput.keys()];
    const outputs = new Array<Tensor>(order.length);
    let state = initial;
    for (const t of reverse ? order.reverse() : order) {
      const fromHidden = linear(state[0], this[`weightHh${suffix}`], hiddenBias);
      const next = this.step(fromInput[t], fromHidden, state, suffix);
      const mask = live?.at(t) ?? null;
      state = mask === null ? next : next.map((s, i) => where(mask, s, state[i]));
      outputs[t] = state[0];
    }
    return [stack(outputs), state];
  }

  private checkInput(input: Tensor): Tensor {
    const x = onlyTensor(this.op, 'the input', input);
    checkDimensions(this.op, 'the input', x, 2, 3);
    const steps = x.shape[this.batchFirst && x.ndim === 3 ? 1 : 0];
    if (steps > 0 && x.shape[x.ndim - 1] === this.inputSize) return x;
    const lead = this.batchFirst ? 'batch, steps' : 'steps, batch';
    throw new ShapeError(
      `${this.op}: expected an input [${lead}, ${this.inputSize}] of at least one step, got ${formatShape(x.shape)}`,
    );
  }

  protected override describe(): string {
    const { numLayers, batchFirst, dropout, bidirectional } = this;
    const bias = this.biasIhL0 !== null;
    const settings = { ...DEFAULTS, numLayers, bias, batchFirst, dropout, bidirectional };
    return `${this.inputSize}, ${this.hiddenSize}${changes(settings, DEFAULTS)}`;
  }
}

/** Which steps of which sequences are not padding. */
interface Live {
  /** bool `[steps, batch, 1]`. */
  readonly all: Tensor;
  /** bool `[batch, 1]`, or null where no sequence has ended. */
  at(step: number): Tensor | null;
}

function liveSteps(
  op: string,
  lengths: Tensor | readonly number[],
  { shape: [steps, batch], device }: Tensor,
): Live {
  const list =
    lengths instanceof Tensor ? Array.from(indexTensor(op, 'the lengths', lengths).data) : lengths;
  const valid = (n: unknown): boolean =>
    Number.isInteger(n) && Number(n) >= 1 && Number(n) <= steps;
  if (!Array.isArray(list) || list.length !== batch || !list.every(valid)) {
    throw new ArgumentError(
      `${op}: expected ${batch} lengths, from 1 to ${steps} each, got ${show(list)}`,
    );
  }
  const ends = tensor(list, { dtype: 'int32', shape: [batch, 1], device });
  const at = arange(0, steps, 1, { dtype: 'int32', device });
  const all = gt(ends, reshape(at, [steps, 1, 1]));
  const shortest = Math.min(...list);
  return { all, at: (step) => (step < shortest ? null : select(all, 0, step)) };
}

/**
 * An Elman network over whole sequences (Elman 1990): hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh), or
 * relu of the sum. Input `[steps, batch, inputSize]` and state `[layers·directions, batch, hiddenSize]`
 * (zeros if left out), or both without the batch, give the last layer's hₜ of each step, `[steps, batch,
 * directions·hiddenSize]`, and the last state of each layer, of the shape of the first.
 */
export class RNN extends Recurrent {
  readonly nonlinearity: Nonlinearity;

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { nonlinearity?: Nonlinearity } = {},
  ) {
    const defaults = { ...DEFAULTS, nonlinearity: 'tanh' as Nonlinearity };
    const { nonlinearity, ...given } = optionsOf('RNN', options, defaults);
    super('RNN', 1, inputSize, hiddenSize, [hiddenSize], given);
    this.nonlinearity = checkNonlinearity('RNN', nonlinearity);
  }

  forward(
    input: Tensor,
    state?: Tensor | null,
    options: SequenceOptions = {},
  ): [output: Tensor, state: Tensor] {
    const [output, [h]] = this.run(input, [state], options);
    return [output, h];
  }

  protected step(fromInput: Tensor, fromHidden: Tensor): State {
    return [rnnStep(fromInput, fromHidden, this.nonlinearity)];
  }

  protected override describe(): string {
    return `${super.describe()}${this.nonlinearity === 'relu' ? ', nonlinearity=relu' : ''}`;
  }
}

/**
 * Long short-term memory over whole sequences: see `LSTMCell`. Input `[steps, batch, inputSize]` and
 * state `[h, c]` of tensors `[layers·directions, batch, hiddenSize]` (zeros if left out), or all without
 * the batch, give the last layer's hₜ of each step, `[steps, batch, directions·hiddenSize]`, and the last
 * state of each layer, of the shapes of the first. With `projSize` above 0, h is W_hr·σ(o)·tanh(c), of
 * that width instead (Sak, Senior and Beaufays 2014, arXiv 1402.1128), W_hr being `weightHrL0`, ….
 */
export class LSTM extends Recurrent {
  readonly projSize: number;

  /** Throws an `ArgumentError` unless `projSize` is below `hiddenSize`. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { projSize?: number } = {},
  ) {
    const { projSize, ...given } = optionsOf('LSTM', options, { ...DEFAULTS, projSize: 0 });
    checkInteger('LSTM', 'hiddenSize', hiddenSize, 1);
    if (checkInteger('LSTM', 'projSize', projSize, 0) >= hiddenSize) {
      throw new ArgumentError(
        `LSTM: expected a projSize below hiddenSize, ${hiddenSize}, got ${projSize}`,
      );
    }
    super('LSTM', 4, inputSize, hiddenSize, [projSize || hiddenSize, hiddenSize], given);
    this.projSize = projSize;
  }

  forward(
    input: Tensor,
    state?: readonly [hidden: Tensor, cell: Tensor] | null,
    options: SequenceOptions = {},
  ): [output: Tensor, state: [hidden: Tensor, cell: Tensor]] {
    const [output, [h, c]] = this.run(input, checkStatePair('LSTM', state), options);
    return [output, [h, c]];
  }

  protected step(
    fromInput: Tensor,
    fromHidden: Tensor,
    [, cell]: State,
    suffix: `L${string}`,
  ): State {
    const [h, c] = lstmStep(fromInput, fromHidden, cell);
    return [this.projSize > 0 ? linear(h, this[`weightHr${suffix}`]) : h, c];
  }

  protected override describe(): string {
    return `${super.describe()}${this.projSize > 0 ? `, projSize=${this.projSize}` : ''}`;
  }
}

/**
 * Gated recurrent units over whole sequences: see `GRUCell`. Input `[steps, batch, inputSize]` and state
 * `[layers·directions, batch, hiddenSize]` (zeros if left out), or both without the batch, give the last
 * layer's hₜ of each step, `[steps, batch, directions·hiddenSize]`, and the last state of each layer, of
 * the shape of the first.
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    const given = optionsOf('GRU', options, DEFAULTS);
    super('GRU', 3, inputSize, hiddenSize, [hiddenSize], given);
  }

  forward(
    input: Tensor,
    state?: Tensor | null,
    options: SequenceOptions = {},
  ): [output: Tensor, state: Tensor] {
    const [output, [h]] = this.run(input, [state], options);
    return [output, h];
  }

  /** The reset gate comes between them. */
  protected override biases(suffix: `L${string}`): readonly [Tensor | null, Tensor | null] {
    return [this[`biasIh${suffix}`], this[`biasHh${suffix}`]];
  }

  protected step(fromInput: Tensor, fromHidden: Tensor, [hidden]: State): State {
    return [gruStep(fromInput, fromHidden, hidden)];
  }
}
