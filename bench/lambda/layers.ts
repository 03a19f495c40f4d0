import { Conv2d, LambdaLayer, Module, MultiHeadAttention } from '../../nn/index.js';
import { lambdaLayer, permute, relativeEmbeddings, reshape, type Tensor } from '../../ops/index.js';
import { attentionBytes, embeddingsBytes, lambdasBytes, type Sizes } from './formulas.js';

export const D = 64;
export const K = 16;
export const HEADS = 4;
export const SCOPE = 7;

/** A layer of maps `[b, 64, side, side]`, and what the formulas say of it. */
export interface Subject {
  readonly name: string;
  /** For maps of this side. */
  make(side: number): Module & { forward(x: Tensor): Tensor };
  /** Bytes of what it keeps for the interaction of positions. */
  readonly bytes: (sizes: Sizes) => number;
  /** Multiplications of a forward between positions, and with filters; projections are left out. */
  readonly products: (sizes: Sizes) => number;
}

/** Rows `[b, n, c]` of maps `[b, c, h, w]`. */
const rowsOf = (x: Tensor): Tensor => permute(reshape(x, [x.shape[0], x.shape[1], -1]), [0, 2, 1]);

class MapAttention extends Module {
  attention = new MultiHeadAttention(D, HEADS, { batchFirst: true });

  forward(x: Tensor): Tensor {
    const rows = rowsOf(x);
    const [y] = this.attention.forward(rows, rows, rows, { needWeights: false });
    return reshape(permute(y, [0, 2, 1]), x.shape);
  }
}

/** A global lambda layer that builds the embeddings of all pairs of positions from its table. */
class DenseLambda extends Module {
  layer: LambdaLayer;

  constructor(readonly side: number) {
    super();
    this.layer = new LambdaLayer(D, { dimK: K, heads: HEADS, n: side });
  }

  forward(x: Tensor): Tensor {
    const { toQ, toK, toV, normQ, normV, relPosEmb } = this.layer;
    if (normQ === null || normV === null || relPosEmb === null) throw new Error('no norm or table');
    const [b, n] = [x.shape[0], this.side ** 2];
    const normed = (norm: typeof normQ, t: Tensor): Tensor =>
      norm.forward(reshape(t, [b * n, t.shape[2]]));
    const q = reshape(normed(normQ, toQ.forward(x)), [b, n, HEADS, K]);
    const k = reshape(toK.forward(x), [b, n, K, 1]);
    const v = reshape(normed(normV, toV.forward(x)), [b, n, D / HEADS, 1]);
    const embeddings = relativeEmbeddings(relPosEmb, [this.side, this.side]);
    const y = reshape(lambdaLayer(q, k, v, { embeddings }), [b, n, D]);
    return reshape(permute(y, [0, 2, 1]), x.shape);
  }
}

const lambdaProducts = ({ batch, n }: Sizes, related: number): number =>
  (batch * n * related * K * D) / HEADS;

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'attention',
    make: () => new MapAttention(),
    bytes: attentionBytes,
    products: ({ batch, n }) => 2 * batch * n * n * D,
  },
  {
    name: 'lambda, embeddings of pairs',
    make: (side) => new DenseLambda(side),
    bytes: (sizes) => embeddingsBytes(sizes) + lambdasBytes(sizes, D),
    products: (sizes) => lambdaProducts(sizes, sizes.n),
  },
  {
    name: 'lambda, global convolution',
    // A local scope that reaches every position from every other is always a convolution.
    make: (side) => new LambdaLayer(D, { dimK: K, heads: HEADS, r: 2 * side - 1 }),
    bytes: (sizes) => lambdasBytes(sizes, D),
    products: (sizes) => lambdaProducts(sizes, (2 * Math.sqrt(sizes.n) - 1) ** 2),
  },
  {
    name: `lambda, r = ${SCOPE}`,
    make: () => new LambdaLayer(D, { dimK: K, heads: HEADS, r: SCOPE }),
    bytes: (sizes) => lambdasBytes(sizes, D),
    products: (sizes) => lambdaProducts(sizes, SCOPE ** 2),
  },
  {
    name: 'convolution 3×3',
    make: () => new Conv2d(D, D, 3, { padding: 1 }),
    bytes: ({ batch, n }) => 4 * batch * n * D,
    products: ({ batch, n }) => 9 * batch * n * D * D,
  },
];
