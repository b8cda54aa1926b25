import type { Mrkdwn, PlainText } from './escape';

/** The parts of Block Kit we use; names are Slack's. Text fields take branded text only (escape.ts). */
export interface PlainTextObject {
  type: 'plain_text';
  text: PlainText;
  /** False: `:name:` in the text stays as it is. */
  emoji: false;
}

export interface MrkdwnObject {
  type: 'mrkdwn';
  text: Mrkdwn;
  /** True: no address, channel or name in the text becomes a link by itself. */
  verbatim: true;
}

export type TextObject = PlainTextObject | MrkdwnObject;

export type Block =
  | { type: 'header'; text: PlainTextObject }
  | { type: 'section'; text?: TextObject; fields?: TextObject[] }
  | { type: 'context'; elements: TextObject[] }
  | { type: 'divider' };

export interface Message {
  /** For notifications and screen readers. */
  text: Mrkdwn;
  blocks: Block[];
}

export function plain(text: PlainText): PlainTextObject {
  return { type: 'plain_text', text, emoji: false };
}

export function marked(text: Mrkdwn): MrkdwnObject {
  return { type: 'mrkdwn', text, verbatim: true };
}

export function header(text: PlainText): Block {
  return { type: 'header', text: plain(text) };
}

export function section(text: TextObject): Block {
  return { type: 'section', text };
}

export function fields(texts: TextObject[]): Block {
  return { type: 'section', fields: texts };
}

export function context(texts: TextObject[]): Block {
  return { type: 'context', elements: texts };
}
