import { checkInteger } from './shape.js';

/**
 * A stream of random numbers that its seed determines: xoshiro128** (Blackman and Vigna, “Scrambled
 * linear pseudorandom number generators”, 2021), seeded by splitmix32.
 */
export class Generator {
  private readonly state = new Uint32Array(4);
  /** Box–Muller makes normals in pairs: the one not handed out yet. */
  private spare: number | null = null;

  constructor(seed: number) {
    checkInteger('Generator', 'the seed', seed);
    this.seed(seed);
  }

  /** Starts the stream that belongs to `seed`, a whole number: another seed, another stream. */
  seed(seed: number): void {
    checkInteger('manualSeed', 'the seed', seed);
    const high = Math.floor(seed / 2 ** 32);
    let low = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      low = (low + 0x9e3779b9) >>> 0;
      let z = i < 2 ? low ^ high : low;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.state[i] = z ^ (z >>> 16);
    }
    this.spare = null;
  }

  /** 32 random bits. */
  bits(): number {
    const s = this.state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** Normal with mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number {
    if (this.spare !== null) {
      const z = this.spare;
      this.spare = null;
      return z;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number in [0, n), each equally likely; n at most 2⁵³. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** The numbers 0 … n−1 in random order (Fisher and Yates). */
  permutation(n: number): Int32Array {
    checkInteger('permutation', 'n', n, 0);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}

/** The stream that `rand`, `randn` and the others draw from. */
export const generator = new Generator(0);

/** Restarts the stream of random numbers: the same seed gives the same numbers. */
export const manualSeed = (seed: number): void => generator.seed(seed);
