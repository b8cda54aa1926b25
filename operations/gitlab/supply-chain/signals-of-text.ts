import { type Finding, finding, type Severity } from './finding';

/** Turns text around: it reads differently than it runs. */
const turning = /[\u202a-\u202e\u2066-\u2069]/;
/** Zero-width and other characters that take no place. */
const zeroWidth =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: the class lists combining characters on purpose
  /[\u200b-\u200f\u2028\u2029\u2060-\u2065\u206a-\u206f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufeff\ufff9-\ufffb]|[\u{1d173}-\u{1d17a}]/u;
/** Tags and variation selectors carry whole texts that no editor shows. */
const carriers = /[\u{e0000}-\u{e007f}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const anyHidden = new RegExp(`${turning.source}|${zeroWidth.source}|${carriers.source}`, 'u');
const notPlain = /[^\t\x20-\x7e]/;

/** Joiners within emoji, and within words of scripts that need them. */
const joiners =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: the class lists combining characters on purpose
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Syriac}\p{Script=Myanmar}\p{Mn}\p{Mc}])[\u200c\u200d]/gu;
/** One selector behind a sign that has several forms, and the flags of regions. */
const forms =
  /(?<=[\p{Extended_Pictographic}#*0-9\p{Sm}\p{So}])[\ufe0e\ufe0f]|(?<=\p{Script=Han})(?:[\ufe00-\ufe02]|[\u{e0100}-\u{e01ef}])(?![\ufe00-\ufe0f\u{e0100}-\u{e01ef}])|(?<=\p{Script=Mongolian})[\u180b-\u180f]|(?<=\u{1f3f4})[\u{e0020}-\u{e007e}]{1,12}\u{e007f}/gu;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** A Latin word with Cyrillic or Greek letters in it. Greek letters that stand for numbers and units are left out below. */
const word = /[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/gu;
const latin = /\p{Script=Latin}/u;
const cyrillic = /\p{Script=Cyrillic}/u;
const greek = /\p{Script=Greek}/u;
/** Letters of other alphabets that a reader takes for Latin ones. */
const lookAlike = /[асеорхуіјѕԁһԛԝАВЕКМНОРСТХѴІЈЅοαρνυκιτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/u;

/** Files that are read as prose, where soft hyphens, marks of direction and foreign words belong. */
const prose =
  /\.(?:md|mdx|markdown|rst|adoc|txt|html?|po|pot|tex|srt|csv)$|(?:^|\/)(?:locales?|i18n|translations?|lang)\//i;

const longestLine = 4_000;
const mostLines = 20_000;
const most = 5;

/** Characters in added lines that a reviewer does not see, or takes for others. At most five of each a file. */
export function textSignals(file: string, addedLines: readonly AddedLine[]): Finding[] {
  const found: Finding[] = [];
  const isProse = prose.test(file);
  let hiddenCount = 0;
  let mixedCount = 0;
  for (const { number, text } of addedLines.slice(0, mostLines)) {
    if (!notPlain.test(text)) continue;
    const line = text.slice(0, longestLine);
    const match = hiddenIn(number === 1 ? line.replace(/^\ufeff/, '') : line, isProse);
    if (match !== null && hiddenCount < most) {
      hiddenCount += 1;
      const code = `U+${(match.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
      // In prose a single zero-width space is a slip of an editor; what turns or carries text is never one.
      const severity: Severity = isProse && !turning.test(match) && !carriers.test(match) ? 'medium' : 'high';
      found.push(
        finding(
          'hidden_characters',
          { file, key: `line ${number}` },
          null,
          shown(line),
          `Line ${number} holds the invisible character ${code}.`,
          severity,
        ),
      );
    }
    if (mixedCount < most && mixesAlphabets(line)) {
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

/** The first character of a line that hides something; null when there is none. */
function hiddenIn(line: string, isProse: boolean): string | null {
  if (!anyHidden.test(line)) return null;
  let rest = line.replace(joiners, '').replace(forms, '');
  if (rightToLeft.test(rest)) rest = rest.replace(/[\u200e\u200f\u061c]/g, '');
  if (isProse) rest = rest.replace(/\u00ad/g, '');
  return anyHidden.exec(rest)?.[0] ?? null;
}

/**
 * A word is suspicious when letters that look Latin stand among Latin ones: `lоdash`. Words that join two scripts by a hyphen
 * (`VPN-сервер`, `β-carotene`) and signs in front of units (`μs`, `Δt`) are how people write.
 */
function mixesAlphabets(line: string): boolean {
  for (const [whole] of line.matchAll(word)) {
    if (!latin.test(whole) || (!cyrillic.test(whole) && !greek.test(whole))) continue;
    for (const part of whole.split(/[.-]/)) {
      if (!latin.test(part) || part.length < 3) continue;
      const letters = [...part].filter((letter) => cyrillic.test(letter) || greek.test(letter));
      if (letters.length > 0 && letters.every((letter) => lookAlike.test(letter))) return true;
    }
  }
  return false;
}

/** Invisible characters as their numbers, so that they are seen. */
function shown(line: string): string {
  const start = Math.max(0, line.search(anyHidden) - 60);
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
  let isHeader = true;
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk !== null) {
      number = Number(hunk[1]);
      isHeader = false;
      continue;
    }
    // Only in front of the first hunk: an added line may well begin with two pluses itself.
    if (isHeader) continue;
    if (line.startsWith('+')) {
      lines.push({ number, text: line.slice(1) });
      number += 1;
    } else if (!line.startsWith('-') && !line.startsWith('\\')) number += 1;
  }
  return lines;
}
