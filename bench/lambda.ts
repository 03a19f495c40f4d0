/**
 * `npm run bench:lambda`: what a lambda layer, attention and a convolution keep for the backward, and how
 * long they take, as positions and batches grow. Writes bench/LAMBDA.md and its plot; with `--quick` it
 * prints small sizes only.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attentionBytes } from './lambda/formulas.js';
import { D, HEADS, K, SCOPE, SUBJECTS } from './lambda/layers.js';
import { fillTimes, measure, savedBy, sizesOf } from './lambda/measure.js';
import { plot } from './lambda/plot.js';
import {
  crossoverTable,
  eachPosition,
  machine,
  megabytes,
  milliseconds,
  pairsOverAttention,
  panels,
  paperTable,
  productsTable,
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
const [, , global, local] = results;
const arithmetic = pairsOverAttention(SUBJECTS, sizesOf(1, positions[0])).toFixed(2);
const maps = attentionBytes(sizesOf(8, 1024));
const [fresh, again] = fillTimes(maps).map(milliseconds);

const report = `# What a lambda layer keeps, and how long it takes

\`npm run bench:lambda\` wrote this page. Layers of ${D} channels on square maps of n positions in batches
of b; lambda layers have k = ${K} and h = ${HEADS}, attention has ${HEADS} heads. “Embeddings of pairs” builds
E [n, n, k] from the table of relative positions; “global convolution” is the same layer without E, a
convolution with the whole table; “r = ${SCOPE}” sees ${SCOPE}×${SCOPE} positions around each.

Measured with ${conditions}.
Bytes do not depend on that; times do, and on a busy machine they only tell orders of magnitude.

## Kept for the backward, in MB

What \`savedBytes\` counts in the graph of the layer's output, the layer's input included. After ≥, what
the formulas give for a size that was left out: they count, once, what positions have to do with each
other, and nothing else.

“memory” stands where a forward would take more than about 4 GB, which is all that a WebAssembly memory
has, or a backward with its gradients more than 2 GB; “time” where a forward would take more than about a
minute or a backward more than 20 s. What is kept, a forward alone tells.

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

The convolutions keep neither, and stay linear in n: each position of each example costs the global one
${eachPosition(global)} kB, and that of r = ${SCOPE} ${eachPosition(local)} kB, from n = ${positions[0]} to ${positions.at(-1)}.

## Multiplications

Beside attention, embeddings of pairs need k/(b·h) of the memory of its maps, and k/(2h) of its
multiplications, ${arithmetic} here whatever n and b: n²·k·d/h for each example, where attention takes n²·d for
its scores and as many for the sums of its values. So what a lambda layer saves where b·h > k is memory;
arithmetic it saves only where 2h > k. In thousands, for each position of each example, projections left
out:

${productsTable(SUBJECTS, positions)}

The global convolution also multiplies the zeros around the map, (2·√n − 1)² offsets at n positions:
linear in what it keeps, it is not in arithmetic. That only a scope r that stays as it is can be.

## Forward, in ms

Medians of up to 7 runs, as many as fit into 1.5 s; “memory” and “time” as above.

${timeTable(results, 'forward')}

Attention's softmax over large maps is slow from fresh memory more than from arithmetic: what it makes
of more than about 32 MB lies in memory that the system clears page by page. To fill a new array as large
as the maps at n = 1024 and b = 8, ${megabytes(maps)} MB, took ${fresh} ms, and to fill it again ${again} ms.

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
