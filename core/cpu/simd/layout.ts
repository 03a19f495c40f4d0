/** Addresses begin on cache lines: so many bytes. */
export const LINE = 64;

/** n, or the next multiple above it. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
