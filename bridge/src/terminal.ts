import { stripHidden } from '../../operations/text';

const colours = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof colours;

/** Colour only where a person looks, and not where they said they want none (no-color.org). */
export function painter(
  stream: { isTTY?: boolean },
  environment = process.env,
): (colour: Colour, text: string) => string {
  const coloured = stream.isTTY === true && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb';
  return (colour, text) => (coloured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text);
}

/** Text from outside on one line of a terminal: nothing in it can act on the terminal. */
export function printable(text: string): string {
  return stripHidden(text)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
}
