// What layers keep for the interaction of n positions with each other, in bytes of float32: the space
// column of the tables in Bello 2021, LambdaNetworks (arXiv 2102.08602), section 4 and appendix.

const FLOAT = 4;

export interface Sizes {
  readonly batch: number;
  /** Positions: queries, and as many in the context. */
  readonly n: number;
  readonly heads: number;
  /** Key depth of a lambda layer. */
  readonly k: number;
}

/** An attention map for each example and head: b·h·n². */
export const attentionBytes = ({ batch, heads, n }: Omit<Sizes, 'k'>): number =>
  FLOAT * batch * heads * n * n;

/** Attention along the rows and, in another layer, along the columns of a square map: 2·b·h·n·√n. */
export const axialAttentionBytes = ({ batch, heads, n }: Omit<Sizes, 'k'>): number =>
  FLOAT * 2 * batch * heads * n * Math.sqrt(n);

/** Embeddings of all pairs of positions, whatever the batch and the heads: k·n². */
export const embeddingsBytes = ({ k, n }: Pick<Sizes, 'k' | 'n'>): number => FLOAT * k * n * n;

/** A position lambda for each query: b·n·k·d/h. */
export const lambdasBytes = ({ batch, n, k, heads }: Sizes, d: number): number =>
  (FLOAT * batch * n * k * d) / heads;

/** How many times as much as a global lambda layer's embeddings attention's maps hold: b·h/k. */
export const attentionOverLambda = (sizes: Sizes): number =>
  attentionBytes(sizes) / embeddingsBytes(sizes);

/** The stages of a ResNet-50 for images of 224×224: the side of its maps, and how many layers. */
const STAGES = [
  { side: 56, layers: 3 },
  { side: 28, layers: 4 },
  { side: 14, layers: 6 },
  { side: 7, layers: 3 },
] as const;

/** Over all layers of the ResNet, or once a stage where its layers share what they keep. */
const inResNet = (bytes: (n: number) => number, shared = false): number =>
  STAGES.reduce((sum, { side, layers }) => sum + (shared ? 1 : layers) * bytes(side ** 2), 0);

export const GIB = 2 ** 30;

/** A ResNet-50's layers in GiB, at the paper's batch of 128 and 8 heads unless said otherwise. */
export function resNetTable(batch = 128, heads = 8): [layer: string, space: string, gib: number][] {
  const attention = inResNet((n) => attentionBytes({ batch, heads, n }));
  const axial = inResNet((n) => axialAttentionBytes({ batch, heads, n }));
  const lambda = (k: number, shared = false) => inResNet((n) => embeddingsBytes({ k, n }), shared);
  const rows: [string, string, number][] = [
    ['self-attention', 'l·b·h·n²', attention],
    ['axial self-attention', '2·l·b·h·n·√n', axial],
    ['lambda, k = 16', 'l·k·n²', lambda(16)],
    ['lambda, k = 8', 'l·k·n²', lambda(8)],
    ['lambda, k = 16, shared in a stage', 'k·n²', lambda(16, true)],
    ['lambda, k = 8, shared in a stage', 'k·n²', lambda(8, true)],
  ];
  return rows.map(([layer, space, bytes]) => [layer, space, bytes / GIB]);
}
