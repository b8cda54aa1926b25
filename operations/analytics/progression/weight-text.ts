/**
 * Weights as text: for each kept weight one character for the step from the place before (several when the step is long)
 * and one for its size. Rows of a few hundred places with most of them empty take two characters a weight, and JSON
 * leaves every character as it is.
 */
const alphabet = (() => {
  let text = '';
  for (let code = 33; code < 127; code += 1) {
    const char = String.fromCharCode(code);
    if (char !== '"' && char !== '\\') text += char;
  }
  return text;
})();
const levelAt = new Map([...alphabet].map((char, index) => [char, index]));

/** The highest step in one character; the character after it says "that far, and on". */
const longestStep = alphabet.length - 2;
/** Sizes from -levels to levels. */
const levels = (alphabet.length - 2) / 2;

/** A weight's level: fine near nought, where most weights are. Nought means that it is left out. */
export function levelOf(weight: number, largest: number): number {
  const size = Math.round(levels * Math.sqrt(Math.min(1, Math.abs(weight) / largest)));
  return weight < 0 ? -size : size;
}

function weightOf(level: number, largest: number): number {
  const size = (level / levels) ** 2 * largest;
  return level < 0 ? -size : size;
}

/** The row's weights, without those smaller than `smallest`. `largest` bounds every weight of the model. */
export function encodeRow(row: ArrayLike<number>, largest: number, smallest: number): string {
  let text = '';
  let place = 0;
  for (let index = 0; index < row.length; index += 1) {
    const weight = row[index] ?? 0;
    const level = Math.abs(weight) < smallest ? 0 : levelOf(weight, largest);
    if (level === 0) continue;
    let step = index - place;
    while (step > longestStep) {
      text += alphabet[longestStep + 1];
      step -= longestStep + 1;
    }
    text += `${alphabet[step]}${alphabet[level + levels]}`;
    place = index + 1;
  }
  return text;
}

export interface Weight {
  index: number;
  weight: number;
}

/** What encodeRow wrote. Throws on a text that it cannot have written. */
export function decodeRow(text: string, largest: number, length: number): Weight[] {
  const weights: Weight[] = [];
  let place = 0;
  for (let at = 0; at < text.length; at += 1) {
    const step = levelAt.get(text[at] as string);
    if (step === undefined) throw new Error('the model holds a character that no weight has');
    if (step > longestStep) {
      place += longestStep + 1;
      continue;
    }
    at += 1;
    const level = levelAt.get(text[at] ?? '');
    place += step;
    if (level === undefined || place >= length) throw new Error('the model ends in the middle of a row');
    weights.push({ index: place, weight: weightOf(level - levels, largest) });
    place += 1;
  }
  return weights;
}
