import { allocate, type DType } from '../../core/dtype.js';
import { checkShape, formatShape, type Shape, show, sizeOf } from '../../core/shape.js';
import { fromData } from '../../core/tensor.js';
import { LambdagradError, StateDictError, Tensor } from '../../ops/index.js';
import type { StateDict } from '../module.js';

// The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes with the
// header's length, the header in JSON, and the tensors' numbers, all little-endian. The header says of
// each tensor its dtype, its shape and where its numbers begin and end, counted from the header's end;
// '__metadata__' holds texts. The numbers follow one another without gap or overlap.

/** How numbers of one kind lie in a file. */
interface Format {
  readonly bytes: number;
  /** The dtype that they become. */
  readonly dtype: DType;
  read(file: DataView, at: number): number;
}

const FORMATS: Readonly<Record<string, Format>> = {
  F64: { bytes: 8, dtype: 'float64', read: (file, at) => file.getFloat64(at, true) },
  F32: { bytes: 4, dtype: 'float32', read: (file, at) => file.getFloat32(at, true) },
  F16: { bytes: 2, dtype: 'float32', read: (file, at) => halfOf(file.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: 'float32', read: (file, at) => bfloatOf(file.getUint16(at, true)) },
  I64: { bytes: 8, dtype: 'int32', read: (file, at) => Number(file.getBigInt64(at, true)) },
  I32: { bytes: 4, dtype: 'int32', read: (file, at) => file.getInt32(at, true) },
  I16: { bytes: 2, dtype: 'int32', read: (file, at) => file.getInt16(at, true) },
  I8: { bytes: 1, dtype: 'int32', read: (file, at) => file.getInt8(at) },
  U64: { bytes: 8, dtype: 'int32', read: (file, at) => Number(file.getBigUint64(at, true)) },
  U32: { bytes: 4, dtype: 'int32', read: (file, at) => file.getUint32(at, true) },
  U16: { bytes: 2, dtype: 'int32', read: (file, at) => file.getUint16(at, true) },
  U8: { bytes: 1, dtype: 'int32', read: (file, at) => file.getUint8(at) },
  BOOL: { bytes: 1, dtype: 'bool', read: (file, at) => Number(file.getUint8(at) !== 0) },
};

type Write = (file: DataView, at: number, x: number) => void;

/** How each dtype is written, widest first, so that all numbers lie at multiples of their size. */
const WRITTEN: readonly (readonly [DType, name: string, Write])[] = [
  ['float64', 'F64', (file, at, x) => file.setFloat64(at, x, true)],
  ['float32', 'F32', (file, at, x) => file.setFloat32(at, x, true)],
  ['int32', 'I32', (file, at, x) => file.setInt32(at, x, true)],
  ['bool', 'BOOL', (file, at, x) => file.setUint8(at, x)],
];

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
function bfloatOf(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** Where the header's length ends and the header begins. */
const START = 8;

/** The longest header that readers accept. */
const LONGEST_HEADER = 100e6;

const METADATA = '__metadata__';

/** Texts that travel with the tensors, by name. */
export type Metadata = Readonly<Record<string, string>>;

interface Entry {
  readonly dtype: string;
  readonly shape: Shape;
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * Tensors by name as a file in the safetensors format, which PyTorch and others read; float32, float64,
 * int32 and bool become F32, F64, I32 and BOOL.
 *
 * Throws a `StateDictError` for what is not a tensor, for a tensor named `__metadata__`, which the
 * format keeps for itself, and for metadata that is not text; a `DeviceError` for tensors elsewhere than
 * in this process's memory.
 */
export function encode(tensors: Readonly<StateDict>, metadata: Metadata = {}): Uint8Array {
  const named = Object.entries(checkTensors(tensors));
  const header: Record<string, Entry | Metadata> = {};
  if (Object.keys(checkMetadata('encode', metadata)).length > 0) header[METADATA] = metadata;
  const pieces: { x: Tensor; begin: number; bytes: number; write: Write }[] = [];
  let end = 0;
  for (const [dtype, format, write] of WRITTEN) {
    const { bytes } = FORMATS[format];
    for (const [name, x] of named.filter((entry) => entry[1].dtype === dtype)) {
      const begin = end;
      end += bytes * x.size;
      define(header, name, { dtype: format, shape: x.shape, data_offsets: [begin, end] });
      pieces.push({ x, begin, bytes, write });
    }
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / START) * START;
  const file = new Uint8Array(START + length + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(length), true);
  file.set(json, START);
  file.fill(' '.charCodeAt(0), START + json.length, START + length);
  for (const { x, begin, bytes, write } of pieces) {
    const { data } = x;
    const at = START + length + begin;
    for (let i = 0; i < data.length; i++) write(view, at + i * bytes, data[i]);
  }
  return file;
}

/** Makes a property of any name, '__proto__' among them. */
const define = (target: object, name: string, value: unknown): unknown =>
  Object.defineProperty(target, name, { value, enumerable: true });

function checkTensors(tensors: Readonly<StateDict>): Readonly<StateDict> {
  if (typeof tensors !== 'object' || tensors === null || tensors instanceof Tensor) {
    throw new StateDictError(`encode: expected tensors by name, got ${show(tensors)}`);
  }
  for (const [name, x] of Object.entries(tensors)) {
    if (!(x instanceof Tensor)) {
      throw new StateDictError(`encode: expected a tensor as '${name}', got ${show(x)}`);
    }
    if (name === METADATA) {
      throw new StateDictError(`encode: expected another name than '${METADATA}' for a tensor`);
    }
  }
  return tensors;
}

function checkMetadata(op: string, metadata: unknown): Metadata {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new StateDictError(`${op}: expected texts by name as metadata, got ${show(metadata)}`);
  }
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text === 'string') continue;
    throw new StateDictError(`${op}: expected text as metadata '${name}', got ${show(text)}`);
  }
  return metadata as Metadata;
}

/**
 * The tensors of a file in the safetensors format, by name. F32, F64, I32 and BOOL come as they were
 * written; F16 and BF16 become float32, the other whole numbers int32.
 *
 * Throws a `StateDictError` that says what is wrong with a file that breaks the format, has numbers of
 * another kind, or whole numbers that int32 does not hold.
 */
export function decode(file: Uint8Array): StateDict {
  const { entries, start } = headerOf('decode', file);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return Object.fromEntries(
    entries.map(([name, { dtype: format, shape, data_offsets }]) => {
      const { bytes, dtype, read } = FORMATS[format];
      const data = allocate(dtype, sizeOf(shape));
      const begin = start + data_offsets[0];
      for (let i = 0; i < data.length; i++) {
        const x = read(view, begin + i * bytes);
        data[i] = x;
        if (dtype !== 'int32' || data[i] === x) continue;
        throw new StateDictError(
          `decode: expected numbers in '${name}' (${format}) that int32 holds, got ${x}`,
        );
      }
      return [name, fromData(dtype, data, shape)];
    }),
  );
}

/** The texts that travel with a file's tensors. Throws a `StateDictError` as `decode` does. */
export const metadataOf = (file: Uint8Array): Metadata => headerOf('metadataOf', file).metadata;

interface Header {
  readonly entries: readonly [string, Entry][];
  readonly metadata: Metadata;
  /** Where the numbers begin. */
  readonly start: number;
}

/** The header, checked against the length of the file. */
function headerOf(op: string, file: Uint8Array): Header {
  if (!(file instanceof Uint8Array)) {
    throw new StateDictError(`${op}: expected the bytes of a file, got ${show(file)}`);
  }
  if (file.length < START) {
    throw new StateDictError(`${op}: expected at least ${START} bytes, got ${file.length}`);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const most = Math.min(file.length - START, LONGEST_HEADER);
  if (length > most) {
    throw new StateDictError(
      `${op}: expected a header of at most ${most} bytes in a file of ${file.length}, got a length of ${length}`,
    );
  }
  const start = START + length;
  const { [METADATA]: metadata, ...tensors } = parseHeader(op, file.subarray(START, start));
  const entries = Object.entries(tensors).map(([name, entry]): [string, Entry] => [
    name,
    checkEntry(op, name, entry),
  ]);
  checkLayout(op, entries, file.length - start);
  return { entries, metadata: checkMetadata(op, metadata ?? {}), start };
}

function parseHeader(op: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new StateDictError(`${op}: expected a header in JSON: ${(error as Error).message}`);
  }
  if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  throw new StateDictError(`${op}: expected a JSON object as header, got ${show(header)}`);
}

function checkEntry(op: string, name: string, given: unknown): Entry {
  const { dtype, shape, data_offsets }: Partial<Record<keyof Entry, unknown>> = {
    ...(given as object | null),
  };
  if (typeof dtype !== 'string' || !Object.hasOwn(FORMATS, dtype)) {
    throw new StateDictError(
      `${op}: expected one of ${Object.keys(FORMATS).join(', ')} as dtype of '${name}', got ${show(dtype)}`,
    );
  }
  const sizes = sizesOf(op, name, shape);
  const isOffset = (x: unknown): x is number => Number.isSafeInteger(x) && Number(x) >= 0;
  const offsets: unknown[] = Array.isArray(data_offsets) ? data_offsets : [];
  const [begin, end] = offsets;
  if (offsets.length !== 2 || !isOffset(begin) || !isOffset(end)) {
    throw new StateDictError(
      `${op}: expected two whole numbers ≥ 0 as data_offsets of '${name}', got ${show(data_offsets)}`,
    );
  }
  const bytes = sizeOf(sizes) * FORMATS[dtype].bytes;
  if (end - begin !== bytes) {
    throw new StateDictError(
      `${op}: expected ${bytes} bytes for '${name}', ${dtype} of shape ${formatShape(sizes)}, got data_offsets ${show(data_offsets)}`,
    );
  }
  return { dtype, shape: sizes, data_offsets: [begin, end] };
}

function sizesOf(op: string, name: string, shape: unknown): Shape {
  try {
    return checkShape(op, shape);
  } catch (error) {
    if (!(error instanceof LambdagradError)) throw error;
    throw new StateDictError(`${error.message} (tensor '${name}')`);
  }
}

/** Throws a `StateDictError` unless the tensors lie one behind the other and fill the data. */
function checkLayout(op: string, entries: readonly [string, Entry][], length: number): void {
  const ordered = entries.toSorted(([, { data_offsets: a }], [, { data_offsets: b }]) => {
    return a[0] - b[0] || a[1] - b[1];
  });
  let end = 0;
  for (const [name, { data_offsets }] of ordered) {
    if (data_offsets[0] !== end) {
      throw new StateDictError(
        `${op}: expected '${name}' to begin at byte ${end}, where what comes before it ends, got ${data_offsets[0]}`,
      );
    }
    end = data_offsets[1];
  }
  if (end !== length) {
    throw new StateDictError(`${op}: expected ${end} bytes behind the header, got ${length}`);
  }
}
