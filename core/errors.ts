/**
 * Everything this library throws on purpose is a `LambdagradError`. Each message reads: the op, what
 * was expected, what came.
 */
export class LambdagradError extends Error {
  override name = 'LambdagradError';
}

/** Shapes that do not fit together, or a size that is not what the op needs. */
export class ShapeError extends LambdagradError {
  override name = 'ShapeError';
}

/** A dtype that the op is not defined for. */
export class DTypeError extends LambdagradError {
  override name = 'DTypeError';
}

/** An axis outside the tensor's dimensions, or named twice. */
export class AxisError extends LambdagradError {
  override name = 'AxisError';
}

/** An einsum equation that cannot be read, or does not fit its operands. */
export class EquationError extends LambdagradError {
  override name = 'EquationError';
}

/** An index outside the dimension it points into. */
export class IndexError extends LambdagradError {
  override name = 'IndexError';
}

/** A value of an option, or an argument, that the function is not defined for. */
export class ArgumentError extends LambdagradError {
  override name = 'ArgumentError';
}

/** A gradient that cannot be computed as asked. */
export class GradientError extends LambdagradError {
  override name = 'GradientError';
}

/** Anomaly mode: an op made a NaN or an infinity out of finite numbers. */
export class AnomalyError extends LambdagradError {
  override name = 'AnomalyError';
}

/** A device that is missing, or tensors of different devices in one op. */
export class DeviceError extends LambdagradError {
  override name = 'DeviceError';
}

/** A state dict whose names or shapes are not the module's. */
export class StateDictError extends LambdagradError {
  override name = 'StateDictError';
}
