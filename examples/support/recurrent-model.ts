import { cat, randLike, type Tensor } from 'lambdagrad';
import { Embedding, Linear, Module } from 'lambdagrad/nn';

/** An LSTM or GRU with `batchFirst`. */
interface Layer<State> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  forward(input: Tensor, state?: State | null): [output: Tensor, state: State];
}

/** A language model of characters: they are embedded, a recurrent layer reads them and gives the next. */
export class RecurrentModel<State> extends Module {
  readonly embedding: Embedding;
  readonly output: Linear;

  constructor(
    vocabulary: number,
    readonly layer: Layer<State>,
  ) {
    super();
    this.embedding = new Embedding(vocabulary, layer.inputSize);
    this.output = new Linear(layer.hiddenSize, vocabulary);
  }

  /** Characters `[b, n]` (int32) give logits `[b, n, vocabulary]` of the next ones. */
  forward(tokens: Tensor): Tensor {
    return this.output.forward(this.layer.forward(this.embedding.forward(tokens))[0]);
  }

  /** Characters `[b, n]` with `steps` more behind them, drawn from softmax(logits / temperature). */
  generate(tokens: Tensor, steps: number, { temperature = 1 } = {}): Tensor {
    let text = tokens;
    let [hidden, state] = this.layer.forward(this.embedding.forward(tokens));
    for (let i = 0; i < steps; i++) {
      const logits = this.output.forward(hidden.select(1, -1));
      // The largest of logits/T with Gumbel noise, −ln(−ln u), is such a draw (Gumbel 1954).
      const noise = randLike(logits).log().neg().log().neg();
      const next = logits.div(temperature).add(noise).argmax(-1).unsqueeze(1);
      text = cat([text, next], 1);
      [hidden, state] = this.layer.forward(this.embedding.forward(next), state);
    }
    return text;
  }
}
