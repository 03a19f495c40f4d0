/** The programs of the page and of Node, each in one file. */
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const shared: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  outdir: here('dist'),
  mainFields: ['module', 'main'],
  // The package says which of its built modules have side effects; bundled here are its sources.
  ignoreAnnotations: true,
  logLevel: 'warning',
};

/** Drops what a page cannot have. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
  },
};

/** Makes dist/page.js and dist/node.js. */
export async function bundle(): Promise<void> {
  await build({
    ...shared,
    entryPoints: [here('page.ts')],
    platform: 'browser',
    plugins: [withoutNode],
  });
  await build({
    ...shared,
    entryPoints: [here('node.ts')],
    platform: 'node',
    external: ['gpu.js', 'webgpu'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
