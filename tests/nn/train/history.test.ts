import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { History } from '../../../nn/index.js';
import { ArgumentError, StateDictError } from '../../../ops/index.js';

/** Three epochs, of which the second has no validation. */
function sample(): History {
  const history = new History();
  history.add(1, { loss: 2, accuracy: 0.25, val_loss: 1.5 });
  history.add(2, { loss: 1, accuracy: 0.5 });
  history.add(3, { loss: 0.5, accuracy: 0.75, val_loss: 1 });
  return history;
}

const is = (kind: typeof ArgumentError, message: string) => (error: Error) =>
  error instanceof kind && error.message === message;

test('a history gives the numbers of a name epoch by epoch, NaN where there is none', () => {
  const history = sample();
  assert.equal(history.names, ['loss', 'accuracy', 'val_loss']);
  assert.equal(history.get('loss'), [2, 1, 0.5]);
  assert.equal(history.get('val_loss'), [1.5, NaN, 1]);
  assert.equal(history.epochs[1], { epoch: 2, numbers: { loss: 1, accuracy: 0.5 } });
});

test('a history keeps the numbers as they were when they were added', () => {
  const history = new History();
  const numbers = { loss: 1 };
  history.add(1, numbers);
  numbers.loss = 2;
  assert.equal(history.get('loss'), [1]);
});

test('epochs come in order, and have numbers', () => {
  const history = sample();
  assert.throws(
    () => history.add(3, { loss: 1 }),
    is(ArgumentError, 'History.add: expected an integer of at least 4 as the epoch, got 3'),
  );
  assert.throws(
    () => history.add(4, { loss: '1' } as never),
    is(ArgumentError, "History.add: expected a number as loss, got '1'"),
  );
  assert.is(history.epochs.length, 3);
});

test('toCsv has a line an epoch under the names, and nothing where there is no number', () => {
  assert.is(
    sample().toCsv(),
    'epoch,loss,accuracy,val_loss\n1,2,0.25,1.5\n2,1,0.5,\n3,0.5,0.75,1\n',
  );
  assert.is(new History().toCsv(), 'epoch\n');
});

test('toCsv puts names that hold a comma or a quote in quotes', () => {
  const history = new History();
  history.add(1, { 'top 1, %': 3, 'a "b"': NaN });
  assert.is(history.toCsv(), 'epoch,"top 1, %","a ""b"""\n1,3,NaN\n');
});

/** The numbers in an attribute of the elements that match. */
const attribute = (svg: string, pattern: RegExp): number[][] =>
  [...svg.matchAll(pattern)].map(([, text]) => text.split(/[ ,]/).map(Number));

const polylines = (svg: string): number[][] => attribute(svg, /<polyline points="([^"]*)"/g);

test('toSvg is well-formed: every element is closed, and names and title are escaped', () => {
  const history = new History();
  history.add(1, { 'a<b & "c"': 1 });
  const svg = history.toSvg({ title: '<1> & 2' });
  const open: string[] = [];
  for (const [, close, name, empty] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (close) assert.is(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.equal(open, []);
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*viewBox/);
  assert.match(svg, '>&lt;1&gt; &amp; 2</text>');
  assert.match(svg, '>a&lt;b &amp; "c"</text>');
  assert.not.match(svg.replace(/&(lt|gt|amp);/g, ''), '&');
});

test('toSvg draws each quantity in a chart of its own, with that of the validation set', () => {
  const svg = sample().toSvg();
  const legends = [...svg.matchAll(/text-anchor="start">([^<]*)</g)].map(([, name]) => name);
  assert.equal(legends, ['loss', 'val_loss', 'accuracy']);
  assert.is(svg.match(/>epoch</g)?.length, 2);
});

test('toSvg puts each number in proportion between the ticks of the axes', () => {
  const history = new History();
  [0, 4, 1, 3].forEach((loss, i) => {
    history.add(i + 1, { loss });
  });
  const svg = history.toSvg();
  const [line] = polylines(svg);
  const [xs, ys] = [0, 1].map((k) => line.filter((_, i) => i % 2 === k));
  const gaps = xs.slice(1).map((x, i) => x - xs[i]);
  assert.ok(gaps.every((gap) => gap > 100 && Math.abs(gap - gaps[0]) < 0.02));
  // The tick labelled 4 is at the height of the greatest number, that labelled 0 at that of the least.
  const heights = new Map(
    [...svg.matchAll(/y="([\d.]+)" text-anchor="end">([^<]*)</g)].map(([, y, label]) => [
      Number(label),
      Number(y) - 4,
    ]),
  );
  assert.equal([...heights.keys()], [0, 1, 2, 3, 4]);
  assert.equal(
    ys,
    [0, 4, 1, 3].map((loss) => heights.get(loss)),
  );
});

test('toSvg breaks a line where a number is missing or not finite', () => {
  const history = new History();
  [1, 2, NaN, 3, Infinity, 2, 1].forEach((loss, i) => {
    history.add(i + 1, { loss });
  });
  const svg = history.toSvg();
  assert.equal(
    polylines(svg).map((line) => line.length / 2),
    [2, 2],
  );
  assert.is(svg.match(/<circle /g)?.length, 1);
  assert.not.match(svg, /NaN|Infinity/);
});

test('toSvg draws any history: none, one epoch, one number over and over, very large or small', () => {
  const cases: number[][] = [[], [0], [5], [-1, -1, -1], [1e-9, 3e-9], [1e12, 4e12], [NaN]];
  for (const numbers of cases) {
    const history = new History();
    numbers.forEach((loss, i) => {
      history.add(i + 1, { loss });
    });
    const svg = history.toSvg({ title: 'x' });
    assert.not.match(svg, /NaN|Infinity|undefined/);
    assert.match(svg, /<\/svg>\n$/);
    assert.ok(svg.length < 10_000);
  }
  assert.match(
    (() => {
      const history = new History();
      for (let i = 1; i <= 1000; i++) history.add(i, { loss: 1 / i });
      return history.toSvg();
    })(),
    />800</,
  );
});

test('save writes the table or the chart, as the path ends', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'lambdagrad-history-'));
  try {
    const history = sample();
    history.save(join(folder, 'a.csv'));
    history.save(join(folder, 'deeper', 'a.svg'), { title: 'Loss' });
    assert.is(fs.readFileSync(join(folder, 'a.csv'), 'utf8'), history.toCsv());
    assert.is(
      fs.readFileSync(join(folder, 'deeper', 'a.svg'), 'utf8'),
      history.toSvg({ title: 'Loss' }),
    );
    assert.throws(
      () => history.save(join(folder, 'a.png')),
      (error: Error) =>
        error instanceof ArgumentError && error.message.includes('ends in .csv or .svg'),
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('a history takes over the epochs of another, or says that it is none', () => {
  const history = new History();
  history.loadStateDict(JSON.parse(JSON.stringify(sample().stateDict())));
  assert.is(history.toCsv(), sample().toCsv());
  assert.throws(
    () => history.loadStateDict({}),
    is(StateDictError, 'History: expected a state dict of epochs, got an object'),
  );
});

test.run();
