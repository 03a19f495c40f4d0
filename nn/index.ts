/** `lambdagrad/nn`: modules, optimisers, and weights in and out. */
export {
  Activation,
  ELU,
  GELU,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Softsign,
  Tanh,
} from './activation.js';
export {
  type AttentionMasks,
  MultiHeadAttention,
  MultiHeadAttention as MultiheadAttention,
  type MultiHeadAttentionCall,
  type MultiHeadAttentionOptions,
} from './attention.js';
export { Buffer } from './buffer.js';
export { type ClipOptions, clipGradNorm, clipGradValue } from './clip.js';
export { type Layer, ModuleDict, ModuleList, Sequential } from './container.js';
export {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from './conv.js';
export { Dropout, Dropout1d, Dropout2d, Dropout3d } from './dropout.js';
export { type AverageOptions, ExponentialMovingAverage } from './ema.js';
export { Embedding, type EmbeddingOptions } from './embedding.js';
export { Flatten, Unflatten } from './flatten.js';
export * as init from './init.js';
export { uniform_ } from './init.js';
export { type LambdaContext, LambdaLayer, type LambdaLayerOptions } from './lambda.js';
export { fromTimm } from './lambda-timm.js';
export { Bilinear, Identity, type LayerOptions, Linear } from './linear.js';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineSimilarity,
  CrossEntropyLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
} from './loss.js';
export { CharCNN, type CharCNNOptions } from './models/char-cnn.js';
export {
  CharTransformer,
  type CharTransformerOptions,
  type GenerateOptions,
} from './models/char-transformer.js';
export { LambdaResNet, type LambdaResNetOptions, type Mixer } from './models/lambda-resnet.js';
export { type DecodeOptions, Seq2Seq, type Seq2SeqOptions } from './models/seq2seq.js';
export { TextCNN, type TextCNNOptions } from './models/text-cnn.js';
export {
  type ForwardHook,
  type ForwardPreHook,
  type LoadOptions,
  type LoadReport,
  Module,
  type StateDict,
} from './module.js';
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  type GroupNormOptions,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  type LayerNormOptions,
  RMSNorm,
  type RMSNormOptions,
  type RunningNormOptions,
} from './norm.js';
export { Adadelta, type AdadeltaSettings } from './optim/adadelta.js';
export { Adagrad, type AdagradSettings } from './optim/adagrad.js';
export { Adam, type AdamSettings, AdamW } from './optim/adam.js';
export { Adamax, type AdamaxSettings } from './optim/adamax.js';
export { Lion, type LionSettings } from './optim/lion.js';
export { NAdam, type NAdamSettings } from './optim/nadam.js';
export { Optimizer, type OptimizerState, type State } from './optim/optimizer.js';
export { RAdam, type RAdamSettings } from './optim/radam.js';
export { RMSprop, type RMSpropSettings } from './optim/rmsprop.js';
export type { Group, ParametersOrGroups, PartialGroup, Settings } from './optim/settings.js';
export { SGD, type SGDSettings } from './optim/sgd.js';
export { Parameter } from './parameter.js';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from './pool.js';
export {
  LearnedPositionalEncoding,
  type LearnedPositionalEncodingOptions,
  PositionalEncoding,
  type PositionalEncodingOptions,
} from './positional.js';
export { GRU, LSTM, type RecurrentOptions, RNN, type SequenceOptions } from './recurrent.js';
export { GRUCell, LSTMCell, type Nonlinearity, RNNCell } from './recurrent-cells.js';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './schedule/cosine.js';
export { OneCycleLR, type OneCycleOptions } from './schedule/one-cycle.js';
export { type PlateauOptions, type PlateauState, ReduceLROnPlateau } from './schedule/plateau.js';
export { type Rate, Schedule, type ScheduleState } from './schedule/schedule.js';
export { ExponentialLR, LambdaLR, LinearLR, MultiStepLR, StepLR } from './schedule/simple.js';
export { WarmUp, type WarmUpState } from './schedule/warm-up.js';
export { Summary, type SummaryRow, summary } from './summary.js';
export { accuracy } from './train/accuracy.js';
export {
  type Checkpoint,
  type CheckpointTarget,
  type LoadedCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './train/checkpoint.js';
export {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  TensorDataset,
} from './train/data.js';
export { EarlyStopping, type EarlyStoppingOptions } from './train/early-stopping.js';
export { evaluate } from './train/evaluate.js';
export { fit } from './train/fit.js';
export type { CheckpointOptions, FitOptions } from './train/fit-options.js';
export { type EpochNumbers, History, type Numbers } from './train/history.js';
export type { Batches, LossFunction, Measures, Metric, Metrics, Model } from './train/measures.js';
export { lineProgress, type Progress, type Terminal } from './train/progress.js';
export * as safetensors from './train/safetensors.js';
export type { Stateful } from './train/state.js';
export {
  type DecoderMasks,
  type EncoderMasks,
  type StackOptions,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './transformer.js';
