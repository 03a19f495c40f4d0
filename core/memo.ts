/**
 * What has been worked out before, by what it was worked out from. When it weighs too much, all is
 * forgotten: what is still wanted is soon there again.
 */
export class Memo<Key, Value> {
  private readonly known = new Map<Key, Value>();
  private weight = 0;

  constructor(
    private readonly most: number,
    private readonly weigh: (value: Value) => number = () => 1,
  ) {}

  /** The value of a key, made if it is not known. */
  get(key: Key, make: (key: Key) => Value): Value {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    const weight = this.weigh(value);
    // What is too much by itself must not drive out all else at every call.
    if (weight > this.most) return value;
    if (this.weight + weight > this.most) {
      this.known.clear();
      this.weight = 0;
    }
    this.known.set(key, value);
    this.weight += weight;
    return value;
  }
}
