/** What the library adds to a page: bundled, minified and gzipped. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Everything but the kernels for GPUs. */
export const WHOLE = `export * from 'lambdagrad'; export * from 'lambdagrad/nn';`;

/** Gradients, and the ops of a multilayer perceptron. */
export const PERCEPTRON = `
  export { add, crossEntropy, grad, matmul, relu, tensor } from 'lambdagrad';
`;

/** Kilobytes (of 1,000 bytes) of what a bundler makes of the program. */
export async function kilobytes(program: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    tsconfigRaw: {},
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}
