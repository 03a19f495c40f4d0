import { formatShape } from '../core/shape.js';
import { Tensor } from '../ops/index.js';

/** A setting as it is shown: a function by its name, a tensor by its shape. */
function text(x: unknown): string {
  if (x instanceof Tensor) return formatShape(x.shape);
  if (typeof x === 'function') return x.name;
  return Array.isArray(x) ? formatShape(x) : String(x);
}

/** The settings that there are, as `toString` shows them: `reduction=sum, weight=[4]`. */
export const listed = (settings: object): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(', ');

/** The settings that are not the defaults, as `toString` shows them: `, stride=[2, 1], bias=false`. */
export const changes = <S extends object>(settings: S, defaults: S): string =>
  (Object.keys(defaults) as (keyof S & string)[])
    .filter((key) => text(settings[key]) !== text(defaults[key]))
    .map((key) => `, ${key}=${text(settings[key])}`)
    .join('');
