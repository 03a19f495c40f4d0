/**
 * `npm run bench:lambda`: what a lambda layer, attention and a convolution keep for the backward, and how
 * long they take, as positions and batches grow. Writes bench/LAMBDA.md and its plot; with `--quick` it
 * prints small sizes only.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { D, HEADS, K, SCOPE, SUBJECTS } from './lambda/layers.js';
import { measure, savedBy, sizesOf } from './lambda/measure.js';
import { plot } from './lambda/plot.js';
import {
  crossoverTable,
  eachPosition,
  machine,
  panels,
  paperTable,
  ratioTable,
  savedTable,
  timeTable,
} from './lambda/report.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const positions = values.quick ? [64, 256] : [64, 256, 1024, 4096];
const batches = values.quick ? [1, 8] : [1, 8, 32];
const conditions = machine();

const results = SUBJECTS.map((subject) => {
  process.stderr.write(`${subject.name} …\n`);
  return positions.flatMap((n) => batches.map((batch) => measure(subject, sizesOf(batch, n))));
});
const [attention, pairs] = SUBJECTS;
const kept = positions
  .filter((n) => n <= 1024)
  .map((n) => ({ n, attention: savedBy(attention, n), pairs: savedBy(pairs, n) }));
const local = results[3];

const report = `# What a lambda layer keeps, and how long it takes

\`npm run bench:lambda\` wrote this page. Layers of ${D} channels on square maps of n positions in batches
of b; lambda layers have k = ${K} and h = ${HEADS}, attention has ${HEADS} heads. “Embeddings of pairs” builds
E [n, n, k] from the table of relative positions; “global convolution” is the same layer without E, a
convolution with the whole table; “r = ${SCOPE}” sees ${SCOPE}×${SCOPE} positions around each.

Measured with ${conditions}.
Bytes do not depend on that; times do, and on a busy machine they only tell orders of magnitude.

## Kept for the backward, in MB

What \`savedBytes\` counts in the graph of the layer's output, the layer's input included. After ≥, what
the formulas give for a size that was left out because it would need more than about 2 GB or 20 s: they
count, once, what positions have to do with each other, and nothing else.

${savedTable(results)}

![MB kept against positions](lambda.svg)

## Where the two meet

Attention keeps maps [b, h, n, n], a lambda layer E [n, n, k] once for the whole batch and lambdas
[b, n, k, d/h]: by the formulas E is the smaller where b·h > k, ${K} here. In this engine E comes with an
index of 4 bytes for each pair, as much as one more key channel: for large n the two are equal at
b·h = k + 1 = ${K + 1}. In MB, from batches 1 and 2:

${crossoverTable(kept)}

Attention over embeddings of pairs; above 1 the lambda layer keeps less:

${ratioTable(results)}

The convolutions keep neither, and stay linear in n: at r = ${SCOPE}, each position of each example
costs ${eachPosition(local)} kB, from n = ${positions[0]} to ${positions.at(-1)}.

## Forward, in ms

Medians of up to 7 runs, as many as fit into 1.5 s.

${timeTable(results, 'forward')}

## Backward, in ms

${timeTable(results, 'backward')}

## The paper's table

A ResNet-50 on images of 224×224 at batch 128 with 8 heads, all of its 3×3 convolutions replaced (Bello
2021, LambdaNetworks, arXiv 2102.08602). Recomputed from the formulas, not measured:

${paperTable()}
`;

console.log(report);
if (!values.quick) {
  writeFileSync(new URL('LAMBDA.md', import.meta.url), report);
  const ends = panels(results, [batches[0], batches[2]]);
  const picture = plot(ends, 'positions', (bytes) => `${bytes / 1e6} MB`);
  writeFileSync(new URL('lambda.svg', import.meta.url), picture);
}
