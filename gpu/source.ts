// Pieces of kernel source. gpu.js reads JavaScript text; numbers known beforehand stand in it as literals.

/** A number as source text. Infinity and NaN have none: they are passed as arguments. */
export const literal = (x: number): string => (x < 0 || Object.is(x, -0) ? `(${x})` : String(x));

/** What is left of a whole x ≥ 0 after whole n; see `functions.ts` for why it is not `%`. */
export const remainder = (x: string, n: number): string => `remainder(${x}, ${n})`;

/** How often n goes into x, when `left` is left: the quotient of an exact multiple, rounded. */
export const quotient = (x: string, left: string, n: number): string =>
  n === 1 ? `${x} - ${left}` : `Math.floor((${x} - ${left}) / ${n} + 0.5)`;

/**
 * Statements that take the flat place `from` in a row-major array of these sizes apart into its indices,
 * named `${name}0`, `${name}1`, …. Each quotient is that of an exact multiple, rounded.
 */
export function unravel(from: string, sizes: readonly number[], name: string): string {
  const lines: string[] = [];
  let rest = from;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const n = sizes[axis];
    const index = `${name}${axis}`;
    if (n === 1) lines.push(`const ${index} = 0;`);
    else if (axis === 0) lines.push(`const ${index} = ${rest};`);
    else {
      lines.push(`const ${index} = ${remainder(rest, n)};`);
      const left = `${name}${axis}_rest`;
      lines.push(`const ${left} = ${quotient(rest, index, n)};`);
      rest = left;
    }
  }
  return lines.join('\n');
}

/** The source of `base + Σ indexₐ · strideₐ`, of the terms that are not 0. */
export function offset(
  name: string,
  strides: readonly number[],
  sizes: readonly number[],
  base = 0,
): string {
  const terms = strides.flatMap((stride, axis) =>
    stride === 0 || sizes[axis] === 1 ? [] : [times(`${name}${axis}`, stride)],
  );
  if (base !== 0 || terms.length === 0) terms.unshift(literal(base));
  return terms.join(' + ');
}

const times = (x: string, n: number): string => (n === 1 ? x : `${x} * ${literal(n)}`);
