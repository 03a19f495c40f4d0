/** How long work goes on without a break, in milliseconds. */
const AT_MOST = 50;

/**
 * A function to await between pieces of work: now and then it gives the event loop a turn, so that a
 * page is drawn, a terminal heard, and memory that is no longer used given back.
 */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < AT_MOST) return;
    await new Promise((resume) => setTimeout(resume));
    last = performance.now();
  };
}
