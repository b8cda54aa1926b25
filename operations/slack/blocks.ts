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

export type TextBlock = (
  | { type: 'header'; text: PlainTextObject }
  | { type: 'section'; text?: TextObject; fields?: TextObject[] }
  | { type: 'context'; elements: TextObject[] }
  | PreformattedBlock
  | { type: 'divider' }
) & { block_id?: string };

/** Literal text in a fixed-width font: nothing in it is interpreted. */
export interface PreformattedBlock {
  type: 'rich_text';
  elements: [{ type: 'rich_text_preformatted'; elements: [{ type: 'text'; text: PlainText }] }];
}

export interface ActionsBlock {
  type: 'actions';
  /** Comes back with every click, so that a click on an older message can be told from one on the current. */
  block_id: string;
  elements: ButtonElement[];
}

export interface ButtonElement {
  type: 'button';
  action_id: string;
  text: PlainTextObject;
  /** At most 2,000 characters; anybody who can read the message can read it. */
  value?: string;
  style?: 'primary' | 'danger';
  /** For screen readers; the label alone says nothing of what it acts on. */
  accessibility_label?: PlainText;
}

/** Blocks of a modal that take an answer. */
export interface InputBlock {
  type: 'input';
  block_id: string;
  label: PlainTextObject;
  hint?: PlainTextObject;
  optional: boolean;
  element:
    | {
        type: 'plain_text_input';
        action_id: string;
        multiline: boolean;
        max_length: number;
        min_length?: number;
        placeholder?: PlainTextObject;
      }
    | { type: 'radio_buttons'; action_id: string; options: { text: PlainTextObject; value: string }[] };
}

export type Block = TextBlock | ActionsBlock;

/** A modal for views.open. */
export interface Modal {
  type: 'modal';
  callback_id: string;
  /** Comes back with the answer; at most 3,000 characters. */
  private_metadata: string;
  title: PlainTextObject;
  submit: PlainTextObject;
  close: PlainTextObject;
  /** Sends view_closed when the user closes it without an answer. */
  notify_on_close?: boolean;
  blocks: (TextBlock | InputBlock)[];
}

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

export function header(text: PlainText): TextBlock {
  return { type: 'header', text: plain(text) };
}

export function section(text: TextObject): TextBlock {
  return { type: 'section', text };
}

export function fields(texts: TextObject[]): TextBlock {
  return { type: 'section', fields: texts };
}

export function context(texts: TextObject[]): TextBlock {
  return { type: 'context', elements: texts };
}

export function preformatted(text: PlainText): PreformattedBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}

export function actions(blockId: string, elements: ButtonElement[]): ActionsBlock {
  return { type: 'actions', block_id: blockId, elements };
}
