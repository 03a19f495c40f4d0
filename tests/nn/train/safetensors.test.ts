import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type StateDict, safetensors } from '../../../nn/index.js';
import { type DType, StateDictError, Tensor, tensor, zeros } from '../../../ops/index.js';
import { type Draw, forAll } from '../../property/drawing.js';

const { encode, decode, metadataOf } = safetensors;

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));

/** A file: the length of the header, the header, and the numbers' bytes. */
const fileOf = (header: string, data: readonly number[] = []): Uint8Array => {
  const bytes = [...new TextEncoder().encode(header)];
  const length = [bytes.length & 255, bytes.length >> 8, 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...length, ...bytes, ...data]);
};

/** A file of one tensor x. */
const single = (dtype: string, shape: readonly number[], data: readonly number[]): Uint8Array =>
  fileOf(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }), data);

const same = (actual: StateDict, expected: StateDict): void => {
  assert.equal(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, x] of Object.entries(expected)) {
    assert.is(actual[name].dtype, x.dtype, name);
    assert.equal([...actual[name].shape], [...x.shape], name);
    x.data.forEach((value, i) => {
      assert.ok(Object.is(actual[name].data[i], value), `${name}[${i}]`);
    });
  }
};

/** Holds that decoding, or what else is done, throws a StateDictError of these words. */
const fails = (body: () => unknown, message: string): void => {
  assert.throws(body, (error: Error) => {
    assert.instance(error, StateDictError);
    assert.is(error.message, message);
    return true;
  });
};

test('encode writes the length of the header, the header, and the numbers in little-endian', () => {
  const header =
    '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"n":{"dtype":"I32","shape":[],"data_offsets":[8,12]}}';
  // 107 letters, which 5 spaces make a multiple of 8.
  assert.is(header.length, 107);
  assert.equal(
    [...encode({ w: tensor([1, -2]), n: tensor(258, { dtype: 'int32' }) })],
    [
      ...[112, 0, 0, 0, 0, 0, 0, 0],
      ...ascii(`${header}     `),
      ...[0, 0, 0x80, 0x3f],
      ...[0, 0, 0, 0xc0],
      ...[2, 1, 0, 0],
    ],
  );
});

test('encode puts wide numbers before narrow ones, so that all lie at multiples of their size', () => {
  const file = encode({
    mask: tensor([true, false, true]),
    exact: tensor([0.1], { dtype: 'float64' }),
    weight: zeros([3]),
  });
  const length = new DataView(file.buffer).getUint32(0, true);
  assert.is(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  assert.equal(header.exact, { dtype: 'F64', shape: [1], data_offsets: [0, 8] });
  assert.equal(header.weight, { dtype: 'F32', shape: [3], data_offsets: [8, 20] });
  assert.equal(header.mask, { dtype: 'BOOL', shape: [3], data_offsets: [20, 23] });
  assert.is(file.length, 8 + length + 23);
});

test('decode reads a file that was built byte by byte, whatever the order of its tensors', () => {
  const header =
    '{"__metadata__":{"format":"pt"},' +
    '"b":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]},' +
    '"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}  ';
  const file = fileOf(header, [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 1, 0, 1]);
  same(decode(file), { a: tensor([[1, -2.5]]), b: tensor([true, false, true]) });
  assert.equal(metadataOf(file), { format: 'pt' });
});

test('decode reads bytes that lie anywhere in a larger buffer', () => {
  const file = encode({ w: tensor([1, 2, 3]), d: tensor([4], { dtype: 'float64' }) });
  const larger = new Uint8Array(file.length + 8).fill(255);
  larger.set(file, 3);
  const part = larger.subarray(3, 3 + file.length);
  same(decode(part), decode(file));
});

test('decode turns kinds of numbers that there is no dtype for into one that holds them', () => {
  const cases: [string, DType, number[], number[]][] = [
    ['I64', 'int32', [254, 255, 255, 255, 255, 255, 255, 255], [-2]],
    ['U64', 'int32', [255, 255, 255, 127, 0, 0, 0, 0], [2147483647]],
    ['U32', 'int32', [0, 0, 1, 0], [65536]],
    ['I16', 'int32', [255, 255, 0, 128], [-1, -32768]],
    ['U16', 'int32', [255, 255], [65535]],
    ['I8', 'int32', [255, 127], [-1, 127]],
    ['U8', 'int32', [255, 1], [255, 1]],
    ['BOOL', 'bool', [0, 1, 2], [0, 1, 1]],
    ['F64', 'float64', [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], [0.1]],
    ['BF16', 'float32', [0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f], [1, -3.140625, Infinity]],
    // 1, −2, the largest 65504, the least normal 2⁻¹⁴, the least of all 2⁻²⁴, −0 and −∞.
    ['F16', 'float32', [0, 0x3c, 0, 0xc0, 0xff, 0x7b], [1, -2, 65504]],
    ['F16', 'float32', [0, 4, 1, 0, 0, 0x80, 0, 0xfc], [2 ** -14, 2 ** -24, -0, -Infinity]],
    ['F16', 'float32', [1, 0x7c], [NaN]],
  ];
  for (const [format, dtype, bytes, numbers] of cases) {
    const { x } = decode(single(format, [numbers.length], bytes));
    assert.is(x.dtype, dtype, format);
    same({ x }, { x: tensor(Float64Array.from(numbers), { dtype }) });
  }
});

/** What the reference implementation, safetensors 0.8.0 for Python, wrote of NumPy arrays. */
const REFERENCE = [
  'wAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJzdGVwcyI6eyJkdHlwZSI6Ikk2NCIsInNoYX',
  'BlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImRvdWJsZSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMV0sImRh',
  'dGFfb2Zmc2V0cyI6WzgsMTZdfSwibm9uZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCw0XSwiZGF0YV9vZmZzZX',
  'RzIjpbMTYsMTZdfSwid2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlsx',
  'Niw0MF19LCJoYWxmIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOls1XSwiZGF0YV9vZmZzZXRzIjpbNDAsNTBdfSwiYn',
  'l0ZXMiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzUwLDUyXX0sIm1hc2siOnsiZHR5',
  'cGUiOiJCT09MIiwic2hhcGUiOlsyLDFdLCJkYXRhX29mZnNldHMiOls1Miw1NF19fSAgBwAAAAAAAACamZmZmZm5Pw',
  'AAAAAAAIA+AAAAPwAAQD8AAIA/AACgPwA+AID/ewEAAHwA/wEA',
].join('');

test('decode reads what the reference implementation wrote', () => {
  const file = Uint8Array.from(atob(REFERENCE), (c) => c.charCodeAt(0));
  assert.equal(metadataOf(file), { format: 'np' });
  same(decode(file), {
    weight: tensor([
      [0, 0.25, 0.5],
      [0.75, 1, 1.25],
    ]),
    steps: tensor(7, { dtype: 'int32' }),
    half: tensor([1.5, -0, 65504, 2 ** -24, Infinity]),
    mask: tensor([[true], [false]]),
    double: tensor([0.1], { dtype: 'float64' }),
    bytes: tensor([0, 255], { dtype: 'int32' }),
    none: zeros([0, 4]),
  });
});

const special = [NaN, Infinity, -Infinity, -0, 0, 1e-45, 3.4028234663852886e38];

/** Any tensor, now and then of special numbers or of none. */
const anyTensor = (d: Draw): Tensor => {
  const dtype = d.pick<DType>('float32', 'float64', 'int32', 'bool');
  if (dtype.startsWith('float') && d.once(3)) return tensor(Float64Array.from(special), { dtype });
  return d.tensor(d.shape(0, 4), dtype);
};

test('what decode reads is what encode wrote, whatever the names, shapes and dtypes', () => {
  const names = ['w', 'layers.0.weight', 'größe ✓', '"', '\\', '', '__proto__', 'constructor', '7'];
  forAll(200, (d) => {
    const chosen = names.filter(() => d.once(2));
    const tensors = Object.fromEntries(chosen.map((name) => [name, anyTensor(d)]));
    const metadata = d.once(2) ? { format: 'pt', ключ: '"\n' } : {};
    const file = encode(tensors, metadata);
    same(decode(file), tensors);
    assert.equal(metadataOf(file), metadata);
  });
});

test('a file that is cut off anywhere is refused', () => {
  const file = encode({ w: tensor([1, 2, 3]), b: tensor([true]) }, { format: 'pt' });
  for (let length = 0; length < file.length; length++) {
    assert.throws(
      () => decode(file.subarray(0, length)),
      (error: Error) => error instanceof StateDictError,
      `${length} bytes`,
    );
  }
});

test('a file with any byte changed is refused with a StateDictError, or read', () => {
  const file = encode({ w: tensor([1, 2]), b: tensor([true]) }, { format: 'pt' });
  forAll(500, (d) => {
    const spoilt = file.slice();
    spoilt[d.int(0, file.length - 1)] = d.int(0, 255);
    try {
      for (const x of Object.values(decode(spoilt))) assert.instance(x, Tensor);
    } catch (error) {
      assert.instance(error, StateDictError);
    }
  });
});

test('decode names what is wrong with a file', () => {
  const entry = (fields: object): Uint8Array =>
    fileOf(JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } }), [
      ...[0, 0, 0, 0],
    ]);
  const one = '{"dtype":"U8","shape":[2],"data_offsets":';
  const cases: [Uint8Array, string][] = [
    [Uint8Array.of(1, 2), 'decode: expected at least 8 bytes, got 2'],
    [
      Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 1),
      'decode: expected a header of at most 1 bytes in a file of 9, got a length of 3',
    ],
    [fileOf('[]'), 'decode: expected a JSON object as header, got []'],
    [fileOf('null'), 'decode: expected a JSON object as header, got null'],
    [
      entry({ dtype: 'F8' }),
      "decode: expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL as dtype of 'x', got 'F8'",
    ],
    [
      entry({ shape: [-1] }),
      "decode: expected a shape of whole numbers ≥ 0, got [-1] (tensor 'x')",
    ],
    [entry({ shape: 1 }), "decode: expected a shape of whole numbers ≥ 0, got 1 (tensor 'x')"],
    [
      entry({ shape: [1e6, 1e6] }),
      "decode: shape [1000000, 1000000] has more than 2147483647 numbers (tensor 'x')",
    ],
    [
      entry({ data_offsets: [0] }),
      "decode: expected two whole numbers ≥ 0 as data_offsets of 'x', got [0]",
    ],
    [
      entry({ data_offsets: [-4, 0] }),
      "decode: expected two whole numbers ≥ 0 as data_offsets of 'x', got [-4, 0]",
    ],
    [
      entry({ shape: [2] }),
      "decode: expected 8 bytes for 'x', F32 of shape [2], got data_offsets [0, 4]",
    ],
    [
      entry({ data_offsets: [4, 0] }),
      "decode: expected 4 bytes for 'x', F32 of shape [1], got data_offsets [4, 0]",
    ],
    [
      entry({ data_offsets: [1, 5] }),
      "decode: expected 'x' to begin at byte 0, where what comes before it ends, got 1",
    ],
    [
      fileOf(`{"a":${one}[0,2]},"b":${one}[1,3]}}`, [0, 0, 0]),
      "decode: expected 'b' to begin at byte 2, where what comes before it ends, got 1",
    ],
    [fileOf(`{"a":${one}[0,2]}}`, [0, 0, 0]), 'decode: expected 2 bytes behind the header, got 3'],
    [fileOf(`{"a":${one}[0,2]}}`, [0]), 'decode: expected 2 bytes behind the header, got 1'],
    [
      fileOf('{"a":null}'),
      "decode: expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL as dtype of 'a', got undefined",
    ],
    [fileOf('{"__metadata__":{"a":1}}'), "decode: expected text as metadata 'a', got 1"],
    [
      single('I64', [1], [0, 0, 0, 128, 0, 0, 0, 0]),
      "decode: expected numbers in 'x' (I64) that int32 holds, got 2147483648",
    ],
  ];
  for (const [file, message] of cases) {
    fails(() => decode(file), message);
  }
  for (const header of [ascii('{"a"'), [0x7b, 0xc3, 0x28, 0x7d]]) {
    assert.throws(
      () => decode(Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, ...header)),
      (error: Error) =>
        error instanceof StateDictError &&
        error.message.startsWith('decode: expected a header in JSON: '),
    );
  }
  fails(() => decode('x' as never), "decode: expected the bytes of a file, got 'x'");
});

test('encode names what cannot be written', () => {
  fails(() => encode({ a: 1 } as never), "encode: expected a tensor as 'a', got 1");
  fails(() => encode(null as never), 'encode: expected tensors by name, got null');
  fails(
    () => encode({ __metadata__: tensor(1) }),
    "encode: expected another name than '__metadata__' for a tensor",
  );
  fails(() => encode({}, { a: 1 } as never), "encode: expected text as metadata 'a', got 1");
});

test.run();
