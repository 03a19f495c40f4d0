import {
  checkBoolean,
  checkInteger,
  checkOneOf,
  formatShape,
  sameShape,
  show,
} from '../core/shape.js';
import { checkDimensions, onlyTensor, optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  add,
  chunk,
  type DType,
  lerp,
  linear,
  mul,
  relu,
  type Shape,
  ShapeError,
  sigmoid,
  split,
  type Tensor,
  tanh,
  zeros,
} from '../ops/index.js';
import { fanInUniform } from './fan-in.js';
import type { LayerOptions } from './linear.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** What an Elman network's sum goes through. */
export type Nonlinearity = 'tanh' | 'relu';

export const checkNonlinearity = (op: string, x: unknown): Nonlinearity =>
  checkOneOf(op, 'the nonlinearity', x, ['tanh', 'relu']);

// One step of each kind of network, from what the input gives, W_ih·x + b_ih, and what the state gives,
// W_hh·h + b_hh. The rows of both are the gates', one after another.

/** h′ = tanh(input + hidden), or relu of it (Elman 1990). */
export const rnnStep = (
  fromInput: Tensor,
  fromHidden: Tensor,
  nonlinearity: Nonlinearity,
): Tensor => ({ tanh, relu })[nonlinearity](add(fromInput, fromHidden));

/** c′ = σ(f)·c + σ(i)·tanh(g), h′ = σ(o)·tanh(c′); gates i, f, g, o (Gers, Schmidhuber and Cummins 2000). */
export function lstmStep(
  fromInput: Tensor,
  fromHidden: Tensor,
  cell: Tensor,
): [hidden: Tensor, cell: Tensor] {
  const [i, f, g, o] = chunk(add(fromInput, fromHidden), 4, -1);
  const next = add(mul(sigmoid(f), cell), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
}

/**
 * h′ = (1 − z)·n + z·h with n = tanh(input + r·hidden); gates r, z, n (Cho et al. 2014, arXiv 1406.1078,
 * with the reset gate r after the matrix product, as PyTorch and cuDNN have it).
 */
export function gruStep(fromInput: Tensor, fromHidden: Tensor, hidden: Tensor): Tensor {
  const size = hidden.shape[hidden.ndim - 1];
  const [gatesOfInput, ni] = split(fromInput, [2 * size, size], -1);
  const [gatesOfHidden, nh] = split(fromHidden, [2 * size, size], -1);
  const [reset, update] = chunk(sigmoid(add(gatesOfInput, gatesOfHidden)), 2, -1);
  return lerp(tanh(add(ni, mul(reset, nh))), hidden, update);
}

/** The state that was given, if its shape is this one; zeros if none was. */
export function stateOf(
  op: string,
  what: string,
  state: Tensor | null | undefined,
  shape: Shape,
  like: Tensor,
): Tensor {
  if (state === null || state === undefined) {
    return zeros(shape, { dtype: like.dtype, device: like.device });
  }
  if (sameShape(onlyTensor(op, what, state).shape, shape)) return state;
  throw new ShapeError(
    `${op}: expected ${what} of shape ${formatShape(shape)}, got ${formatShape(state.shape)}`,
  );
}

/** The two tensors of an LSTM's state, or none. */
export function checkStatePair(
  op: string,
  state: unknown,
): readonly [Tensor, Tensor] | readonly [] {
  if (state === null || state === undefined) return [];
  if (Array.isArray(state) && state.length === 2) return [state[0], state[1]];
  throw new ArgumentError(`${op}: expected [h, c] as the state, got ${show(state)}`);
}

/** The weights of a network that takes one step at a time. */
abstract class Cell extends Module {
  /** `[gates·hiddenSize, inputSize]`. */
  readonly weightIh: Parameter;
  /** `[gates·hiddenSize, hiddenSize]`. */
  readonly weightHh: Parameter;
  /** `[gates·hiddenSize]`, or null. */
  readonly biasIh: Parameter | null;
  /** `[gates·hiddenSize]`, or null. */
  readonly biasHh: Parameter | null;

  constructor(
    private readonly op: string,
    gates: number,
    readonly inputSize: number,
    readonly hiddenSize: number,
    { bias, dtype }: Required<LayerOptions>,
  ) {
    super();
    checkInteger(op, 'inputSize', inputSize, 1);
    checkInteger(op, 'hiddenSize', hiddenSize, 1);
    const rows = gates * hiddenSize;
    const start = (shape: Shape): Parameter => fanInUniform(op, shape, hiddenSize, dtype);
    this.weightIh = start([rows, inputSize]);
    this.weightHh = start([rows, hiddenSize]);
    const biased = checkBoolean(op, 'bias', bias);
    this.biasIh = biased ? start([rows]) : null;
    this.biasHh = biased ? start([rows]) : null;
  }

  protected fromInput(x: Tensor): Tensor {
    checkDimensions(this.op, 'the input', onlyTensor(this.op, 'the input', x), 1, 2);
    if (x.shape[x.ndim - 1] !== this.inputSize) {
      throw new ShapeError(
        `${this.op}: expected an input [batch, ${this.inputSize}] or [${this.inputSize}], got ${formatShape(x.shape)}`,
      );
    }
    return linear(x, this.weightIh, this.biasIh);
  }

  protected fromHidden(h: Tensor): Tensor {
    return linear(h, this.weightHh, this.biasHh);
  }

  /** The hidden state, or another of its shape, beside what an input gave. */
  protected stateBeside(fromInput: Tensor, what: string, state: Tensor | null | undefined): Tensor {
    const shape = fromInput.shape.with(-1, this.hiddenSize);
    return stateOf(this.op, what, state, shape, fromInput);
  }

  protected override describe(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh === null ? ', bias=false' : ''}`;
  }
}

const DEFAULTS = { bias: true, dtype: 'float32' as DType };

/**
 * One step of an Elman network: h′ = tanh(W_ih·x + b_ih + W_hh·h + b_hh), or relu of the sum. x
 * `[batch, inputSize]` and h `[batch, hiddenSize]` (zeros if left out), or both without the batch, give
 * h′, of the shape of h.
 */
export class RNNCell extends Cell {
  readonly nonlinearity: Nonlinearity;

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: LayerOptions & { nonlinearity?: Nonlinearity } = {},
  ) {
    const defaults = { ...DEFAULTS, nonlinearity: 'tanh' as Nonlinearity };
    const { nonlinearity, ...given } = optionsOf('RNNCell', options, defaults);
    super('RNNCell', 1, inputSize, hiddenSize, given);
    this.nonlinearity = checkNonlinearity('RNNCell', nonlinearity);
  }

  forward(x: Tensor, hidden?: Tensor | null): Tensor {
    const fromInput = this.fromInput(x);
    const h = this.stateBeside(fromInput, 'a hidden state', hidden);
    return rnnStep(fromInput, this.fromHidden(h), this.nonlinearity);
  }

  protected override describe(): string {
    return `${super.describe()}${this.nonlinearity === 'relu' ? ', nonlinearity=relu' : ''}`;
  }
}

/**
 * One step of long short-term memory (Hochreiter and Schmidhuber 1997; with forget gates, Gers,
 * Schmidhuber and Cummins 2000): see `lstmStep`. x `[batch, inputSize]` and a state `[h, c]` of two
 * tensors `[batch, hiddenSize]` (zeros if left out), or all without the batch, give the next state.
 */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: LayerOptions = {}) {
    super('LSTMCell', 4, inputSize, hiddenSize, optionsOf('LSTMCell', options, DEFAULTS));
  }

  forward(
    x: Tensor,
    state?: readonly [hidden: Tensor, cell: Tensor] | null,
  ): [hidden: Tensor, cell: Tensor] {
    const fromInput = this.fromInput(x);
    const [hidden, cell] = checkStatePair('LSTMCell', state);
    const h = this.stateBeside(fromInput, 'a hidden state', hidden);
    const c = this.stateBeside(fromInput, 'a cell state', cell);
    return lstmStep(fromInput, this.fromHidden(h), c);
  }
}

/**
 * One step of gated recurrent units: see `gruStep`. x `[batch, inputSize]` and h `[batch, hiddenSize]`
 * (zeros if left out), or both without the batch, give h′, of the shape of h.
 */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: LayerOptions = {}) {
    super('GRUCell', 3, inputSize, hiddenSize, optionsOf('GRUCell', options, DEFAULTS));
  }

  forward(x: Tensor, hidden?: Tensor | null): Tensor {
    const fromInput = this.fromInput(x);
    const h = this.stateBeside(fromInput, 'a hidden state', hidden);
    return gruStep(fromInput, this.fromHidden(h), h);
  }
}
