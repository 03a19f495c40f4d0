import type { Storage, Window } from '../kernels.js';
import { beside } from './storage.js';

export const poolKernels = {
  maxPoolIndex(x: Storage, window: Window): Storage {
    const { images, input, kernel, output, stride, dilation, padding } = window;
    const size = input[0] * input[1] * input[2];
    const result = beside(x, 'int32', images * output[0] * output[1] * output[2]);
    const [from, y] = [x.data, result.data];
    let to = 0;
    for (let image = 0; image < images; image++) {
      for (let od = 0; od < output[0]; od++) {
        for (let oh = 0; oh < output[1]; oh++) {
          for (let ow = 0; ow < output[2]; ow++, to++) {
            let best = -1;
            for (let kd = 0; kd < kernel[0]; kd++) {
              const d = od * stride[0] + kd * dilation[0] - padding[0];
              if (d < 0 || d >= input[0]) continue;
              for (let kh = 0; kh < kernel[1]; kh++) {
                const h = oh * stride[1] + kh * dilation[1] - padding[1];
                if (h < 0 || h >= input[1]) continue;
                for (let kw = 0; kw < kernel[2]; kw++) {
                  const w = ow * stride[2] + kw * dilation[2] - padding[2];
                  if (w < 0 || w >= input[2]) continue;
                  const at = image * size + (d * input[1] + h) * input[2] + w;
                  // `!(≤)` rather than `>`, so that a NaN is taken.
                  if (best < 0 || !(from[at] <= from[best] || Number.isNaN(from[best]))) best = at;
                }
              }
            }
            y[to] = best;
          }
        }
      }
    }
    return result;
  },
};
