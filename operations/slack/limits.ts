import { OperationError } from '../errors';
import type { Block, ButtonElement, Message, Modal } from './blocks';

/**
 * Slack's limits in characters. They are checked before anything is sent: Slack refuses the whole
 * message for one field. The sum over all blocks is not documented; 9,597 characters were seen to pass and 11,341 to
 * be refused, so we stop below both.
 */
export const limits = {
  header: 150,
  sectionText: 3000,
  fieldText: 2000,
  fields: 10,
  contextElements: 10,
  blocks: 50,
  blockId: 255,
  actionId: 255,
  buttonText: 75,
  buttonValue: 2000,
  /** Elements of an actions block. */
  actions: 25,
  modalTitle: 24,
  privateMetadata: 3000,
  allBlocks: 9000,
  /** Fallback text above the blocks; Slack takes 40,000, a notification shows far less. */
  text: 3000,
} as const;

/** Characters of text in one block, escapes counted as they are sent. */
export function blockLength(block: Block): number {
  return textsOf(block).reduce((sum, text) => sum + text.text.length, 0);
}

function textsOf(block: Block): { text: string }[] {
  switch (block.type) {
    case 'header':
      return [block.text];
    case 'section':
      return [...(block.text === undefined ? [] : [block.text]), ...(block.fields ?? [])];
    case 'context':
      return block.elements;
    case 'rich_text':
      return block.elements[0].elements;
    case 'actions':
      return block.elements.map((button) => button.text);
    case 'divider':
      return [];
  }
}

/** Every limit a message breaks, in words; empty when it can be sent. */
export function brokenLimits(message: Message): string[] {
  const broken: string[] = [];
  const most = (what: string, size: number, limit: number): void => {
    if (size > limit) broken.push(`${what} is ${size}, at most ${limit} fit`);
  };
  if (message.text.trim() === '') broken.push('the fallback text is empty');
  most('the fallback text', message.text.length, limits.text);
  most('the number of blocks', message.blocks.length, limits.blocks);
  for (const [index, block] of message.blocks.entries()) {
    const name = `block ${index} (${block.type})`;
    for (const text of textsOf(block)) if (text.text === '') broken.push(`${name} holds an empty text`);
    if (block.type === 'header') most(name, block.text.text.length, limits.header);
    if (block.type === 'section') {
      if (block.text === undefined && (block.fields ?? []).length === 0) broken.push(`${name} is empty`);
      most(name, block.text?.text.length ?? 0, limits.sectionText);
      most(`fields of ${name}`, block.fields?.length ?? 0, limits.fields);
      for (const field of block.fields ?? []) most(`a field of ${name}`, field.text.length, limits.fieldText);
    }
    if (block.type === 'context') most(`elements of ${name}`, block.elements.length, limits.contextElements);
    if (block.type === 'rich_text') most(name, blockLength(block), limits.sectionText);
    if (block.type === 'actions') {
      most(`the id of ${name}`, block.block_id.length, limits.blockId);
      most(`elements of ${name}`, block.elements.length, limits.actions);
      for (const button of block.elements) broken.push(...brokenByButton(name, button));
    }
  }
  most(
    'the text of all blocks',
    message.blocks.reduce((sum, block) => sum + blockLength(block), 0),
    limits.allBlocks,
  );
  return broken;
}

function brokenByButton(block: string, { action_id: id, text, value = '' }: ButtonElement): string[] {
  const sizes: [what: string, size: number, limit: number][] = [
    ['action_id', id.length, limits.actionId],
    ['text', text.text.length, limits.buttonText],
    ['value', value.length, limits.buttonValue],
  ];
  return sizes
    .filter(([, size, limit]) => size > limit)
    .map(([what, size, limit]) => `the ${what} of a button of ${block} is ${size}, at most ${limit} fit`);
}

/** Every limit a modal breaks, in words. */
export function brokenModalLimits({ title, submit, close, private_metadata: metadata }: Modal): string[] {
  const sizes: [what: string, size: number, limit: number][] = [
    ['the title', title.text.length, limits.modalTitle],
    ['the submit label', submit.text.length, limits.modalTitle],
    ['the close label', close.text.length, limits.modalTitle],
    ['private_metadata', metadata.length, limits.privateMetadata],
  ];
  return sizes
    .filter(([, size, limit]) => size > limit)
    .map(([what, size, limit]) => `${what} of the modal is ${size}, at most ${limit} fit`);
}

/** Throws when a message breaks a limit: that is a mistake of ours, since callers' texts are capped before. */
export function assertWithinLimits(message: Message): void {
  const [first] = brokenLimits(message);
  if (first === undefined) return;
  throw new OperationError('invalid_input', `The Slack message was not sent, it breaks a limit of Slack: ${first}.`, {
    service: 'Slack',
  });
}
