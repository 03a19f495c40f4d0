/** Addresses begin on cache lines: so many bytes. */
export const LINE = 64;

/** Bytes of a float32 number, and of a vector of four. */
export const FLOAT = 4;
export const VECTOR = 16;

/** n, or the next multiple above it. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
