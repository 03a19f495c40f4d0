import * as assert from 'uvu/assert';
import type { LambdagradError } from '../../ops/index.js';

/** For `assert.throws`: an error of this type with this message, all of it. */
export const throwing =
  (type: new (message: string) => LambdagradError, message: string) =>
  (error: Error): boolean => {
    assert.is(error.message, message);
    return error instanceof type;
  };
