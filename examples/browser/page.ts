/** The page's element of this name. Throws if there is none of its kind. */
export function the<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`expected a ${kind.name} called ${id} on the page`);
}

/** A new element at the end of another. */
export function added<Name extends keyof HTMLElementTagNameMap>(
  parent: Element,
  name: Name,
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  parent.append(element);
  return element;
}

/** A new element of a drawing at the end of another. */
export function drawn(
  parent: Element,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent.append(element);
  return element;
}

/** The time at which the page is next drawn. */
export const nextFrame = (): Promise<number> => new Promise(requestAnimationFrame);

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** 0.9312 as 93.1%: to be read, and as a length. */
export const percent = (share: number): string => PERCENT.format(share);
