import { formatShape } from '../core/shape.js';

const text = (x: unknown): string => (Array.isArray(x) ? formatShape(x) : String(x));

/** The settings that are not the defaults, as `toString` shows them: `, stride=[2, 1], bias=false`. */
export const changes = <S extends object>(settings: S, defaults: S): string =>
  (Object.keys(defaults) as (keyof S & string)[])
    .filter((key) => text(settings[key]) !== text(defaults[key]))
    .map((key) => `, ${key}=${text(settings[key])}`)
    .join('');
