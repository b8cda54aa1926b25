import { type Block, context, type Message, plain, section } from './blocks';
import { escapeMrkdwn, type PlainText, plainLine } from './escape';
import { blockLength, limits } from './limits';

/**
 * Cuts cleaned text into pieces of at most `size` characters, at a line end or space where one is near, and never
 * through a surrogate pair. Joined together the pieces are the text, less the white space at the cuts.
 */
export function splitText(text: PlainText, size: number): PlainText[] {
  const pieces: PlainText[] = [];
  let rest = text.trim();
  while (rest.length > size) {
    const window = rest.slice(0, size + 1);
    const line = window.lastIndexOf('\n');
    const space = window.lastIndexOf(' ');
    let at = line > size / 2 ? line : space > size / 2 ? space : size;
    const before = rest.charCodeAt(at - 1);
    if (before >= 0xd800 && before <= 0xdbff) at -= 1;
    const piece = rest.slice(0, at).trim();
    if (piece !== '') pieces.push(piece as PlainText);
    rest = rest.slice(at).trim();
  }
  if (rest !== '') pieces.push(rest as PlainText);
  return pieces;
}

/** Sections of literal text, each as long as Slack allows. */
export function plainSections(text: PlainText): Block[] {
  return splitText(text, limits.sectionText).map((piece) => section(plain(piece)));
}

/** How much of `body` fits between what every message has and Slack's limits; the rest goes to replies. */
export interface Divided {
  first: Block[];
  rest: Block[];
}

/** Fills one message with blocks in their order, keeping room for `reserved` characters and blocks. */
export function divide(body: readonly Block[], reserved: { characters: number; blocks: number }): Divided {
  let characters = reserved.characters;
  let count = reserved.blocks;
  let taken = 0;
  for (const block of body) {
    characters += blockLength(block);
    count += 1;
    if (characters > limits.allBlocks || count > limits.blocks) break;
    taken += 1;
  }
  return { first: body.slice(0, taken), rest: body.slice(taken) };
}

/** The blocks that did not fit, as messages for the thread, numbered. */
export function continuations(rest: readonly Block[]): Message[] {
  const parts: Block[][] = [];
  for (let left = [...rest]; left.length > 0; ) {
    const fitting = divide(left, { characters: 100, blocks: 1 }).first.length;
    const taken = Math.max(1, fitting);
    parts.push(left.slice(0, taken));
    left = left.slice(taken);
  }
  return parts.map((blocks, index) => {
    const title = `Continued (${index + 1} of ${parts.length})`;
    return { text: escapeMrkdwn(title), blocks: [...blocks, context([plain(plainLine(title))])] };
  });
}
