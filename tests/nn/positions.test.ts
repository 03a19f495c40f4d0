import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  knowsPositions,
  MIXERS,
  type Mixer,
  PatchNet,
  patchesOf,
  shuffled,
} from '../../examples/support/patch-net.js';
import {
  arange,
  manualSeed,
  max,
  mul,
  noGrad,
  randn,
  randperm,
  sub,
  type Tensor,
  tensor,
} from '../../ops/index.js';

// The nets of examples/positions.ts, small, with random parameters, in float64.

const SIDE = 4;

/** The greatest difference of logits between maps and the same maps in another order, over the greatest logit. */
function changeByShuffling(mixer: Mixer, training: boolean): number {
  manualSeed(7);
  const sizes = { patch: 6, side: SIDE, channels: 12, width: 8, blocks: 3, classes: 5 };
  const net = new PatchNet(mixer, sizes).to('float64').train(training);
  noGrad(() => {
    for (const parameter of net.parameters()) {
      parameter.copy_(mul(randn(parameter.shape, { dtype: 'float64' }), 0.5));
    }
  });
  const maps = randn([3, 6, SIDE, SIDE], { dtype: 'float64' });
  const order = randperm(SIDE * SIDE);
  const [straight, disordered] = [maps, shuffled(maps, order)].map((x) => net.forward(x));
  const greatest = (x: Tensor): number => max(x.abs()).item();
  return greatest(sub(straight, disordered)) / greatest(straight);
}

// Without positions every sum over places has the same terms in another order: the mean over them, the
// softmax over keys and what it weighs, attention's rows, batch norm's statistics. Floating addition is
// commutative but not associative, so the logits may differ in their last bits, and in nothing else: 2⁻⁵³
// for each of some thousand additions stays below 1e-12.
for (const mixer of MIXERS) {
  const what = knowsPositions(mixer) ? 'changes' : 'leaves unchanged';
  test(`another order of the patches ${what} the logits of a net that mixes them by: ${mixer}`, () => {
    for (const training of [true, false]) {
      const change = changeByShuffling(mixer, training);
      if (knowsPositions(mixer)) assert.ok(change > 1e-2, `training ${training}: ${change}`);
      else assert.ok(change < 1e-12, `training ${training}: ${change}`);
    }
  });
}

test('an image is cut into patches, whose pixels become channels, row by row', () => {
  const image = arange(16).reshape([1, 1, 4, 4]);
  const expected = tensor([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15], {
    shape: [1, 4, 2, 2],
  });
  assert.equal(patchesOf(image, 2).toArray(), expected.toArray());
});

test('places are put into the order given, the same in every channel', () => {
  const maps = arange(12).reshape([1, 2, 2, 3]);
  const backward = tensor(Int32Array.from({ length: 6 }, (_, i) => 5 - i));
  const expected = tensor([5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6], { shape: [1, 2, 2, 3] });
  assert.equal(shuffled(maps, backward).toArray(), expected.toArray());
});

test.run();
