import { checkNumber, checkOneOf } from '../core/shape.js';
import {
  elu,
  gelu,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  type Tensor,
  tanh,
} from '../ops/index.js';
import { listed } from './describe.js';
import { Module } from './module.js';

/** A function that leaves the shape as it is, as a module; its settings are numbers or words. */
export class Activation extends Module {
  constructor(
    private readonly f: (x: Tensor) => Tensor,
    private readonly settings: Readonly<Record<string, number | string>> = {},
  ) {
    super();
    for (const [name, value] of Object.entries(settings)) {
      if (typeof value !== 'string') checkNumber(this.constructor.name, name, value);
    }
  }

  forward(x: Tensor): Tensor {
    return this.f(x);
  }

  protected override describe(): string {
    return listed(this.settings);
  }
}

/** The module of a function without settings. */
const activation = (f: (x: Tensor) => Tensor): (new () => Activation) =>
  class extends Activation {
    constructor() {
      super(f);
    }
  };

/** max(x, 0). */
export class ReLU extends activation(relu) {}
/** scale·elu(x, α), which keeps mean 0 and variance 1; see `selu`. */
export class SELU extends activation(selu) {}
/** x·sigmoid(x), also called swish; see `silu`. */
export class SiLU extends activation(silu) {}
/** x·tanh(softplus(x)); see `mish`. */
export class Mish extends activation(mish) {}
/** The hyperbolic tangent. */
export class Tanh extends activation(tanh) {}
/** 1 / (1 + e^(−x)). */
export class Sigmoid extends activation(sigmoid) {}
/** log(sigmoid(x)), without overflow. */
export class LogSigmoid extends activation(logSigmoid) {}
/** x / (1 + |x|). */
export class Softsign extends activation(softsign) {}

/** x where x > 0, negativeSlope·x elsewhere. */
export class LeakyReLU extends Activation {
  constructor(readonly negativeSlope = 0.01) {
    super((x) => leakyRelu(x, negativeSlope), { negativeSlope });
  }
}

/** x where x > 0, alpha·(eˣ − 1) elsewhere; see `elu`. */
export class ELU extends Activation {
  constructor(readonly alpha = 1) {
    super((x) => elu(x, alpha), { alpha });
  }
}

/** x·Φ(x), or with `'tanh'` its approximation; see `gelu`. */
export class GELU extends Activation {
  constructor(readonly approximate: 'none' | 'tanh' = 'none') {
    super((x) => gelu(x, approximate), { approximate });
    checkOneOf('GELU', 'approximate', approximate, ['none', 'tanh']);
  }
}

/** log(1 + e^(beta·x)) / beta; x itself where beta·x > threshold. */
export class Softplus extends Activation {
  constructor(
    readonly beta = 1,
    readonly threshold = 20,
  ) {
    super((x) => softplus(x, beta, threshold), { beta, threshold });
  }
}

/** x held between min and max; see `hardtanh`. */
export class Hardtanh extends Activation {
  constructor(
    readonly min = -1,
    readonly max = 1,
  ) {
    super((x) => hardtanh(x, min, max), { min, max });
  }
}

/** exp(xᵢ) / Σⱼ exp(xⱼ) along axis `dim`, which must be given; see `softmax`. */
export class Softmax extends Activation {
  constructor(readonly dim: number) {
    super((x) => softmax(x, dim), { dim });
  }
}

/** The logarithm of `Softmax`; see `logSoftmax`. */
export class LogSoftmax extends Activation {
  constructor(readonly dim: number) {
    super((x) => logSoftmax(x, dim), { dim });
  }
}
