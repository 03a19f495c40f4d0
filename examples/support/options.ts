import { parseArgs } from 'node:util';

/** The options that the examples share: `--epochs N`, `--seed N`, `--limit N`, `--out FOLDER`. */
export function exampleOptions(defaults: { epochs: number; limit?: number }) {
  const { values } = parseArgs({
    options: {
      epochs: { type: 'string', default: String(defaults.epochs) },
      seed: { type: 'string', default: '0' },
      limit: { type: 'string', default: String(defaults.limit ?? Infinity) },
      out: { type: 'string', default: 'out' },
    },
  });
  return {
    epochs: Number(values.epochs),
    seed: Number(values.seed),
    limit: Number(values.limit),
    out: values.out,
  };
}
