/** Words for a person at a terminal. Progress goes to stderr, so that stdout stays usable in a pipe. */
const colour = process.stderr.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export function step(text) {
  process.stderr.write(`${paint('36', '•')} ${text}\n`);
}

export function done(text) {
  process.stderr.write(`${paint('32', '✓')} ${text}\n`);
}

/**
 * Ends the process with one line that says what happened and what to do.
 * @param {string} text
 * @returns {never}
 */
export function fail(text) {
  process.stderr.write(`${paint('31', '✗')} ${text}\n`);
  process.exit(1);
}

/** An error whose message is written for the person at the terminal; its stack says nothing to them. */
export class PlainError extends Error {}

/**
 * Shows that a long step is alive: the elapsed time, every 15 s (every second on a terminal).
 * @template T
 * @param {string} text
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function longStep(text, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  step(text);
  const timer = setInterval(
    () => {
      if (colour) process.stderr.write(`\r  ${seconds()} s `);
      else process.stderr.write(`  ${text.split(' (')[0]}: ${seconds()} s\n`);
    },
    colour ? 1000 : 15_000,
  );
  try {
    const result = await work();
    if (colour) process.stderr.write('\r');
    done(`${text.split(' (')[0]}: ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
