import { type Finding, finding } from './finding';

/** Bidirectional controls, zero-width characters and tags: what hides text or turns it around. */
const hidden =
  /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u00ad\u061c\u180e\u3164\uffa0]|[\u{e0001}-\u{e007f}]/u;
/** Joiners inside emoji and words of scripts that need them hide nothing. */
const joined = /(?:\p{L}|\p{Extended_Pictographic}|\ufe0f)\u200d(?:\p{L}|\p{Extended_Pictographic})/gu;
/** A Latin word with a Cyrillic or Greek letter in it. */
const mixed =
  /(?=[\p{L}\p{N}_.-]*[\p{Script=Cyrillic}\p{Script=Greek}])(?=[\p{L}\p{N}_.-]*\p{Script=Latin})[\p{L}\p{N}_.-]{3,80}/u;

const longestLine = 4_000;
const mostLines = 20_000;

/** Characters in added lines that a reviewer does not see, or takes for others. At most five of each a file. */
export function textSignals(file: string, addedLines: readonly { number: number; text: string }[]): Finding[] {
  const found: Finding[] = [];
  let hiddenCount = 0;
  let mixedCount = 0;
  for (const { number, text } of addedLines.slice(0, mostLines)) {
    const line = text.slice(0, longestLine);
    const match = hidden.exec(line.replace(joined, '')) ?? (number > 1 ? /\ufeff/.exec(line) : null);
    if (match !== null && hiddenCount < 5) {
      hiddenCount += 1;
      const code = `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
      found.push(
        finding(
          'hidden_characters',
          { file, key: `line ${number}` },
          null,
          shown(line),
          `Line ${number} holds the invisible character ${code}.`,
        ),
      );
    }
    const word = mixed.exec(line)?.[0];
    if (word !== undefined && mixedCount < 5) {
      mixedCount += 1;
      found.push(
        finding(
          'look_alike_characters',
          { file, key: `line ${number}` },
          null,
          shown(line),
          `Line ${number} mixes alphabets within one word.`,
        ),
      );
    }
  }
  return found;
}

/** Invisible characters as their numbers, so that they are seen. */
function shown(line: string): string {
  const start = Math.max(0, line.search(hidden) - 60);
  return line
    .slice(start, start + 200)
    .replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export interface AddedLine {
  number: number;
  text: string;
}

/** The added lines of a diff as GitLab gives it: hunks that begin with `@@`, with or without file headers. */
export function addedLines(diff: string): AddedLine[] {
  const lines: AddedLine[] = [];
  let number = 0;
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk !== null) {
      number = Number(hunk[1]);
      continue;
    }
    if (line.startsWith('+') && !line.startsWith('+++ ')) {
      lines.push({ number, text: line.slice(1) });
      number += 1;
    } else if (!line.startsWith('-') && !line.startsWith('\\')) number += 1;
  }
  return lines;
}
