import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  attentionBytes,
  attentionOverLambda,
  embeddingsBytes,
  GIB,
  lambdasBytes,
  resNetTable,
} from '../bench/lambda/formulas.js';
import { HEADS, K, SUBJECTS } from '../bench/lambda/layers.js';
import { measure, savedBy, sizesOf } from '../bench/lambda/measure.js';
import { pairsOverAttention } from '../bench/lambda/report.js';

test("the paper's table of memory is what the formulas give for a ResNet-50 at batch 128", () => {
  const gib = Object.fromEntries(resNetTable().map(([layer, , value]) => [layer, value]));
  assert.is(gib['self-attention'].toFixed(1), '122.8');
  assert.is(gib['axial self-attention'].toFixed(2), '4.82');
  assert.is(gib['lambda, k = 16'].toFixed(2), '1.92');
  assert.is(gib['lambda, k = 8'].toFixed(2), '0.96');
  assert.is(gib['lambda, k = 16, shared in a stage'].toFixed(2), '0.63');
  assert.is(gib['lambda, k = 8, shared in a stage'].toFixed(2), '0.31');
});

test("attention's rows grow with batch and heads, those of lambda layers do not", () => {
  const [small, large] = [resNetTable(1, 8), resNetTable(32, 16)];
  const growth = small.map(([, , gib], i) => large[i][2] / gib);
  assert.equal(growth, [64, 64, 1, 1, 1, 1]);
});

test('one attention layer of 8 heads on 64×64 maps at batch 128 keeps 64 GiB of maps', () => {
  assert.is(attentionBytes({ batch: 128, heads: 8, n: 64 ** 2 }) / GIB, 64);
});

test('embeddings of pairs take less than attention maps exactly where b·h > k', () => {
  for (const batch of [1, 2, 4, 8, 32]) {
    for (const heads of [1, 4, 8]) {
      for (const k of [4, 8, 16, 32]) {
        const sizes = { batch, heads, k, n: 196 };
        const less = embeddingsBytes(sizes) < attentionBytes(sizes);
        assert.is(less, batch * heads > k);
        assert.is(attentionOverLambda(sizes), (batch * heads) / k);
      }
    }
  }
});

test('the lambdas of a convolution grow as n, embeddings of pairs as n²', () => {
  const [small, large] = [256, 1024].map((n) => ({ batch: 8, n, heads: 4, k: 16 }));
  assert.is(lambdasBytes(small, 64), 4 * 8 * 256 * 16 * 16);
  assert.is(lambdasBytes(large, 64) / lambdasBytes(small, 64), 4);
  assert.is(embeddingsBytes(large) / embeddingsBytes(small), 16);
});

test("embeddings of pairs take k/(2h) of attention's multiplications, whatever the sizes", () => {
  for (const n of [64, 256, 4096]) {
    for (const batch of [1, 8, 32]) {
      assert.is(pairsOverAttention(SUBJECTS, sizesOf(batch, n)), K / (2 * HEADS));
    }
  }
});

test('the convolutions keep as much for each position on small maps as on larger ones', () => {
  for (const subject of SUBJECTS.filter(({ name }) => !/attention|pairs/.test(name))) {
    const [small, large] = [64, 256].map((n) => {
      const { fixed, each } = savedBy(subject, n);
      return (fixed + each) / n;
    });
    assert.ok(Math.abs(large / small - 1) < 0.1, `${subject.name}: ${small}, then ${large} bytes`);
  }
});

test('what is too much is not measured, and its place says why', () => {
  const [attention] = SUBJECTS;
  const { saved, forward, backward } = measure(attention, sizesOf(8, 4096));
  assert.equal([saved, forward, backward], ['memory', 'memory', 'memory']);
  const slow = { ...attention, products: () => 1e10 };
  const result = measure(slow, sizesOf(1, 16));
  assert.type(result.saved, 'number');
  assert.is(result.backward, 'time');
});

test.run();
