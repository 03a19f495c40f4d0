import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Memo } from '../../core/memo.js';

/** Which of the keys a memo has to make, when they are asked for one after another. */
function madeBy(memo: Memo<string, number>, keys: readonly [string, number][]): string[] {
  const made: string[] = [];
  for (const [key, value] of keys) {
    const got = memo.get(key, () => {
      made.push(key);
      return value;
    });
    assert.is(got, value);
  }
  return made;
}

const itself = (weight: number): number => weight;

test('what is known is not made again, until there is too much', () => {
  const memo = new Memo<string, number>(10, itself);
  const few: [string, number][] = [
    ['a', 4],
    ['b', 6],
  ];
  assert.equal(madeBy(memo, [...few, ...few]), ['a', 'b']);
  assert.equal(madeBy(memo, [['c', 1], ...few]), ['c', 'a', 'b']);
});

test('what is too much by itself is made each time, and drives nothing out', () => {
  const memo = new Memo<string, number>(10, itself);
  const keys: [string, number][] = [
    ['a', 4],
    ['whale', 11],
    ['a', 4],
    ['whale', 11],
  ];
  assert.equal(madeBy(memo, keys), ['a', 'whale', 'whale']);
});

test.run();
