import { manualSeed } from 'lambdagrad';
import { Bars, likeliest } from './bars.js';
import { Board } from './board.js';
import { chosenIn, deviceFor, forget, named } from './devices.js';
import { fetchDigits, imagesOf } from './digits.js';
import { Gallery } from './gallery.js';
import { Classifier, train } from './network.js';
import { Pad } from './pad.js';
import { nextFrame, percent, the } from './page.js';

const button = the('train', HTMLButtonElement);
const devices = the('devices', HTMLFormElement);
const place = the('place', HTMLElement);
const trouble = the('trouble', HTMLElement);
const verdict = the('verdict', HTMLElement);
const bars = new Bars(the('bars', HTMLElement));
const pad = new Pad(the('pad', HTMLCanvasElement), the('preview', HTMLCanvasElement), look);
const board = new Board(look);

const report = (error: unknown): void => {
  trouble.textContent = error instanceof Error ? error.message : String(error);
};

/** The network; null until one learns. */
let model: Classifier | null = null;
/** What stops the lesson that goes on; null while none does. */
let lesson: AbortController | null = null;
/** When all lessons so far have ended. */
let ended: Promise<void> = Promise.resolve();
/** Whether there is something new to look at, and whether it is being looked at. */
let [isNew, isLooking] = [false, false];

const digits = await Promise.all([fetchDigits('train.bin'), fetchDigits('test.bin')]).catch(
  (error) => {
    report(error);
    throw error;
  },
);
const gallery = new Gallery(the('gallery', HTMLElement), digits[1]);

the('clear', HTMLButtonElement).addEventListener('click', () => pad.clear());
button.addEventListener('click', () => (lesson === null ? begin() : stop()));
devices.addEventListener('change', () => lesson !== null && begin());
button.disabled = false;

/** Begins a lesson: at once, or when the one that goes on has ended. */
function begin(): void {
  stop();
  lesson = new AbortController();
  button.textContent = 'Stop';
  const { signal } = lesson;
  ended = ended.then(() => learn(signal));
}

function stop(): void {
  lesson?.abort();
  lesson = null;
  button.textContent = 'Train';
}

/** A new network learns on the chosen device. */
async function learn(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const choice = chosenIn(devices);
  for (const element of [place, trouble]) element.textContent = '';
  board.say('Getting ready …');
  try {
    const device = await deviceFor(choice);
    place.textContent = named(device);
    manualSeed(0);
    model = new Classifier().to(device);
    await train(model, digits, board, signal);
  } catch (error) {
    board.say(signal.aborted ? 'Stopped' : 'Ended by an error');
    if (signal.aborted) return;
    report(error);
    forget(choice);
  }
  if (!signal.aborted) stop();
}

/** Looks at what is new: once a frame at most, and at one thing after the other. */
async function look(): Promise<void> {
  isNew = true;
  if (isLooking) return;
  isLooking = true;
  try {
    while (isNew) {
      isNew = false;
      await nextFrame();
      await ask();
    }
  } catch (error) {
    report(error);
  } finally {
    isLooking = false;
  }
}

/** Asks the network what the digits of the gallery are, and the one that is drawn. */
async function ask(): Promise<void> {
  const network = model;
  if (network !== null) gallery.show(await network.probabilities(gallery.images));
  const { digit } = pad;
  if (network === null || digit === null) {
    bars.show(null);
    verdict.textContent = digit === null ? 'Draw a digit' : 'Train a network first';
    return;
  }
  const probabilities = await network.probabilities(imagesOf(digit));
  const first = likeliest(probabilities);
  bars.show(probabilities);
  verdict.textContent = `${first} (${percent(probabilities[first])})`;
}
