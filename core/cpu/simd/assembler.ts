/**
 * A small assembler for WebAssembly (core specification 2.0, with its 128-bit vectors). An instruction with its operands is an expression, typed
 * by what it leaves on the stack, so that code reads as formulas:
 *
 * ```ts
 * const source = assemble((module) => {
 *   module.function('scale', { x: 'i32', end: 'i32', by: 'f32' }, ({ x, end, by }, f) => {
 *     f.count(x, end, 4, () => {
 *       f.do(f32.store(x, f32.mul(f32.load(x), by)));
 *     });
 *   });
 * });
 * ```
 */

export type ValueType = 'i32' | 'f32' | 'v128';

/**
 * Code that leaves a value of type T (`void`: nothing) on the stack. A number of `REPEATED` or more stands
 * for the constant of which it has the bits.
 */
export interface Code<T extends ValueType | 'void'> {
  readonly type: T;
  readonly bytes: readonly number[];
}

/** A parameter or variable of a function; as code, it reads it. */
export interface Local<T extends ValueType> extends Code<T> {
  readonly index: number;
}

const TYPE_BYTES: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** LEB128, in which WebAssembly writes its whole numbers: seven bits a byte, lowest first. */
function unsigned(n: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = n >>> 7;
    bytes.push((n & 0x7f) | (rest === 0 ? 0 : 0x80));
    n = rest;
  } while (n !== 0);
  return bytes;
}

function signed(n: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = n & 0x7f;
    n >>= 7;
    const done = (n === 0 && (byte & 0x40) === 0) || (n === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

const code = <T extends ValueType | 'void'>(
  type: T,
  operands: readonly Code<ValueType>[],
  ...bytes: number[]
): Code<T> => ({ type, bytes: [...operands.flatMap((operand) => operand.bytes), ...bytes] });

/**
 * Constants are made where a function begins, once each, and read from variables: engines make them anew
 * at every turn of a loop otherwise, in more instructions than what is done with them.
 */
const REPEATED = 2 ** 32;

/** A vector of four places that have these bits. */
function repeated(bits: number): Code<'v128'> {
  // A zero is made by one instruction, and may as well be made anew.
  if (bits === 0) return code('v128', [], ...vector(0x0c), ...new Array<number>(16).fill(0));
  return code('v128', [], REPEATED + (bits >>> 0));
}

type Unary<A extends ValueType, T extends ValueType> = (a: Code<A>) => Code<T>;
type Binary<A extends ValueType, T extends ValueType> = (a: Code<A>, b: Code<A>) => Code<T>;

const unary =
  <A extends ValueType, T extends ValueType>(type: T, ...opcode: number[]): Unary<A, T> =>
  (a) =>
    code(type, [a], ...opcode);

const binary =
  <A extends ValueType, T extends ValueType>(type: T, ...opcode: number[]): Binary<A, T> =>
  (a, b) =>
    code(type, [a, b], ...opcode);

/** Vector instructions have a prefix and a number. */
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

const load =
  <T extends ValueType>(type: T, align: number, ...opcode: number[]) =>
  (address: Code<'i32'>, offset = 0): Code<T> =>
    code(type, [address], ...opcode, align, ...unsigned(offset));

const store =
  <T extends ValueType>(align: number, ...opcode: number[]) =>
  (address: Code<'i32'>, value: Code<T>, offset = 0): Code<'void'> =>
    code('void', [address, value], ...opcode, align, ...unsigned(offset));

export const i32 = {
  const: (n: number): Code<'i32'> => code('i32', [], 0x41, ...signed(n)),
  load: load('i32', 2, 0x28),
  eqz: unary<'i32', 'i32'>('i32', 0x45),
  ltU: binary<'i32', 'i32'>('i32', 0x49),
  add: binary<'i32', 'i32'>('i32', 0x6a),
  sub: binary<'i32', 'i32'>('i32', 0x6b),
  mul: binary<'i32', 'i32'>('i32', 0x6c),
  and: binary<'i32', 'i32'>('i32', 0x71),
  or: binary<'i32', 'i32'>('i32', 0x72),
  shl: binary<'i32', 'i32'>('i32', 0x74),
  /** a where the condition holds, else b. */
  select: (a: Code<'i32'>, b: Code<'i32'>, condition: Code<'i32'>): Code<'i32'> =>
    code('i32', [a, b, condition], 0x1b),
  /** The lesser of two numbers without a sign. */
  least: (a: Code<'i32'>, b: Code<'i32'>): Code<'i32'> => i32.select(a, b, i32.ltU(a, b)),
};

export const f32 = {
  load: load('f32', 2, 0x2a),
  store: store<'f32'>(2, 0x38),
  add: binary<'f32', 'f32'>('f32', 0x92),
  mul: binary<'f32', 'f32'>('f32', 0x94),
  max: binary<'f32', 'f32'>('f32', 0x97),
  /** The number whose bits are those of a whole one. */
  fromBits: unary<'i32', 'f32'>('f32', 0xbe),
};

/** Four float32 numbers at once. */
export const f32x4 = {
  const: (x: number): Code<'v128'> => repeated(new Int32Array(Float32Array.of(x).buffer)[0]),
  load: load('v128', 2, ...vector(0x00)),
  store: store<'v128'>(2, ...vector(0x0b)),
  /** One number from memory, in all four places. */
  loadSplat: load('v128', 2, ...vector(0x09)),
  splat: unary<'f32', 'v128'>('v128', ...vector(0x13)),
  lane: (a: Code<'v128'>, lane: number): Code<'f32'> => code('f32', [a], ...vector(0x1f), lane),
  eq: binary<'v128', 'v128'>('v128', ...vector(0x41)),
  ne: binary<'v128', 'v128'>('v128', ...vector(0x42)),
  lt: binary<'v128', 'v128'>('v128', ...vector(0x43)),
  gt: binary<'v128', 'v128'>('v128', ...vector(0x44)),
  le: binary<'v128', 'v128'>('v128', ...vector(0x45)),
  ceil: unary<'v128', 'v128'>('v128', ...vector(0x67)),
  floor: unary<'v128', 'v128'>('v128', ...vector(0x68)),
  /** To the nearest whole number, halves to the even one. */
  nearest: unary<'v128', 'v128'>('v128', ...vector(0x6a)),
  abs: unary<'v128', 'v128'>('v128', ...vector(0xe0)),
  neg: unary<'v128', 'v128'>('v128', ...vector(0xe1)),
  sqrt: unary<'v128', 'v128'>('v128', ...vector(0xe3)),
  add: binary<'v128', 'v128'>('v128', ...vector(0xe4)),
  sub: binary<'v128', 'v128'>('v128', ...vector(0xe5)),
  mul: binary<'v128', 'v128'>('v128', ...vector(0xe6)),
  div: binary<'v128', 'v128'>('v128', ...vector(0xe7)),
  min: binary<'v128', 'v128'>('v128', ...vector(0xe8)),
  max: binary<'v128', 'v128'>('v128', ...vector(0xe9)),
  /** b < a ? b : a, in one instruction: a NaN in a stays. */
  lesser: binary<'v128', 'v128'>('v128', ...vector(0xea)),
  /** a < b ? b : a, in one instruction: a NaN in a stays. */
  greater: binary<'v128', 'v128'>('v128', ...vector(0xeb)),
  /** a·b + c, rounded once or twice as the machine likes (relaxed SIMD). */
  relaxedMadd: (a: Code<'v128'>, b: Code<'v128'>, c: Code<'v128'>): Code<'v128'> =>
    code('v128', [a, b, c], ...vector(0x105)),
  /** Four numbers chosen from the eight of a and b, by their places among them. */
  shuffle: (a: Code<'v128'>, b: Code<'v128'>, places: readonly number[]): Code<'v128'> =>
    code(
      'v128',
      [a, b],
      ...vector(0x0d),
      ...places.flatMap((place) => [0, 1, 2, 3].map((byte) => 4 * place + byte)),
    ),
};

/** Two double-precision numbers at once. */
export const f64x2 = {
  /** Two float32 numbers from memory, made doubles. */
  loadFloats: (address: Code<'i32'>, offset = 0): Code<'v128'> =>
    code('v128', [load('v128', 2, ...vector(0x5d))(address, offset)], ...vector(0x5f)),
  /** One float32 number from memory, made a double, and a zero. */
  loadFloat: (address: Code<'i32'>): Code<'v128'> =>
    code('v128', [load('v128', 2, ...vector(0x5c))(address)], ...vector(0x5f)),
  /** The first two of four float32 numbers as doubles. */
  fromFloats: unary<'v128', 'v128'>('v128', ...vector(0x5f)),
  /** As float32 numbers, two zeros after them. */
  toFloats: unary<'v128', 'v128'>('v128', ...vector(0x5e)),
  add: binary<'v128', 'v128'>('v128', ...vector(0xf0)),
};

/** Four int32 numbers at once, and bits. */
export const i32x4 = {
  const: (n: number): Code<'v128'> => repeated(n),
  eq: binary<'v128', 'v128'>('v128', ...vector(0x37)),
  add: binary<'v128', 'v128'>('v128', ...vector(0xae)),
  sub: binary<'v128', 'v128'>('v128', ...vector(0xb1)),
  shl: (a: Code<'v128'>, bits: Code<'i32'>): Code<'v128'> =>
    code('v128', [a, bits], ...vector(0xab)),
  shrS: (a: Code<'v128'>, bits: Code<'i32'>): Code<'v128'> =>
    code('v128', [a, bits], ...vector(0xac)),
  convertToFloat: unary<'v128', 'v128'>('v128', ...vector(0xfa)),
  /** The first four of eight 16-bit numbers, and the last four. */
  extendLow: unary<'v128', 'v128'>('v128', ...vector(0xa7)),
  extendHigh: unary<'v128', 'v128'>('v128', ...vector(0xa8)),
};

/** Eight 16-bit numbers at once. */
export const i16x8 = {
  /** Eight bytes from memory, each with its sign. */
  loadBytes: load('v128', 0, ...vector(0x01)),
  /** The four int32 numbers of a and the four of b, brought within 16 bits. */
  narrow: binary<'v128', 'v128'>('v128', ...vector(0x85)),
};

/** Sixteen bytes at once. */
export const i8x16 = {
  /** The eight 16-bit numbers of a and the eight of b, brought within a byte. */
  narrow: binary<'v128', 'v128'>('v128', ...vector(0x65)),
};

export const v128 = {
  and: binary<'v128', 'v128'>('v128', ...vector(0x4e)),
  or: binary<'v128', 'v128'>('v128', ...vector(0x50)),
  /** Whether any bit is 1. */
  anyTrue: unary<'v128', 'i32'>('i32', ...vector(0x53)),
  /** Bits of a where those of the mask are 1, of b elsewhere. */
  select: (a: Code<'v128'>, b: Code<'v128'>, mask: Code<'v128'>): Code<'v128'> =>
    code('v128', [a, b, mask], ...vector(0x52)),
};

/** The body of a function as it is written down: statements in order, loops nested. */
export class Body {
  readonly bytes: number[] = [];
  readonly locals: ValueType[] = [];

  constructor(private readonly parameters: number) {}

  /** A new variable, zero at first. */
  local<T extends ValueType>(type: T): Local<T> {
    const index = this.parameters + this.locals.length;
    this.locals.push(type);
    return localAt(type, index);
  }

  /** A new variable with a value. */
  let<T extends ValueType>(value: Code<T>): Local<T> {
    const variable = this.local(value.type);
    this.set(variable, value);
    return variable;
  }

  set<T extends ValueType>(variable: Local<T>, value: Code<T>): void {
    this.bytes.push(...value.bytes, SET, ...unsigned(variable.index));
  }

  do(statement: Code<'void'>): void {
    this.bytes.push(...statement.bytes);
  }

  /** Repeats `body` as long as the condition holds. */
  while(condition: Code<'i32'>, body: () => void): void {
    // With the condition at its end a turn is one jump, and what never changes is worked out before it.
    this.if(condition, () => this.doWhile(() => condition, body));
  }

  /** Repeats `body` while `at` goes to `end` in steps. */
  count(at: Local<'i32'>, end: Code<'i32'>, step: number, body: () => void): void {
    this.while(i32.ltU(at, end), () => {
      body();
      this.set(at, i32.add(at, i32.const(step)));
    });
  }

  /** Runs `body` once and again as long as the condition holds after it. */
  doWhile(condition: () => Code<'i32'>, body: () => void): void {
    const [LOOP, VOID, BRANCH_IF, END] = [0x03, 0x40, 0x0d, 0x0b];
    this.bytes.push(LOOP, VOID);
    body();
    this.bytes.push(...condition().bytes, BRANCH_IF, 0, END);
  }

  /** Runs `body` if the condition holds, and `otherwise`, if there is one, where it does not. */
  if(condition: Code<'i32'>, body: () => void, otherwise?: () => void): void {
    const [IF, VOID, ELSE, END] = [0x04, 0x40, 0x05, 0x0b];
    this.bytes.push(...condition.bytes, IF, VOID);
    body();
    if (otherwise !== undefined) {
      this.bytes.push(ELSE);
      otherwise();
    }
    this.bytes.push(END);
  }

  /** Variables and code as they stand in a module, the constants first: to be called once, at the end. */
  finish(): number[] {
    const constants = new Map<number, Local<'v128'>>();
    for (const byte of this.bytes) {
      if (byte >= REPEATED && !constants.has(byte)) constants.set(byte, this.local('v128'));
    }
    const made = [...constants].flatMap(([constant, { index }]) => {
      const bytes = new Uint8Array(Uint32Array.of(constant - REPEATED).buffer);
      return [...vector(0x0c), ...bytes, ...bytes, ...bytes, ...bytes, SET, ...unsigned(index)];
    });
    const [locals, END] = [vectorOf(this.locals.map((type) => [1, TYPE_BYTES[type]])), 0x0b];
    return [
      ...[...locals, ...made],
      ...this.bytes.flatMap((byte) => constants.get(byte)?.bytes ?? byte),
      END,
    ];
  }
}

const GET = 0x20;
const SET = 0x21;

const localAt = <T extends ValueType>(type: T, index: number): Local<T> => ({
  type,
  index,
  bytes: [GET, ...unsigned(index)],
});

type Parameters = Readonly<Record<string, ValueType>>;
type Locals<P extends Parameters> = { readonly [K in keyof P]: Local<P[K]> };

interface FunctionSource {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly body: Body;
}

/** Gathers the functions of a module. */
export class ModuleBuilder {
  readonly functions: FunctionSource[] = [];

  /** An exported function of these parameters that returns nothing. */
  function<P extends Parameters>(
    name: string,
    parameters: P,
    write: (locals: Locals<P>, body: Body) => void,
  ): void {
    const entries = Object.entries(parameters);
    const body = new Body(entries.length);
    const locals = entries.map(([key, type], i) => [key, localAt(type, i)]);
    write(Object.fromEntries(locals) as Locals<P>, body);
    this.functions.push({ name, parameters: entries.map(([, type]) => type), body });
  }
}

const vectorOf = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];

const text = (s: string): number[] => vectorOf([...new TextEncoder().encode(s)].map((b) => [b]));

const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];

/** The most pages (64 KiB each) that a 32-bit memory can have. */
export const MAX_PAGES = 65536;

/**
 * The binary of a module with the functions that `write` defines. It imports its memory as
 * `env.memory`, one that threads share if `shared`.
 */
export function assemble(
  write: (module: ModuleBuilder) => void,
  shared = false,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  write(module);
  const { functions } = module;
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vectorOf(parameters.map((type) => [TYPE_BYTES[type]])),
    0,
  ]);
  const limits = shared ? [3, 1, ...unsigned(MAX_PAGES)] : [0, 1];
  const memory = [...text('env'), ...text('memory'), 2, ...limits];
  const bodies = functions.map(({ body }) => {
    const bytes = body.finish();
    return [...unsigned(bytes.length), ...bytes];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vectorOf(types)),
    ...section(2, vectorOf([memory])),
    ...section(3, vectorOf(functions.map((_, i) => unsigned(i)))),
    ...section(7, vectorOf(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, vectorOf(bodies)),
  ]);
}
