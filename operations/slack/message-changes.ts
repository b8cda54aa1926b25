import { z } from 'zod';
import { OperationError } from '../errors';
import type { Message, Modal } from './blocks';
import type { SlackClient } from './client';
import { assertWithinLimits, brokenModalLimits } from './limits';

const anything = z.object({}).passthrough();

/** Where a message is: the channel's id, as Slack gave it when it was posted, and its timestamp. */
export interface MessagePlace {
  channel: string;
  ts: string;
}

/** Replaces a message of this app. Doing it twice gives the same message. Needs `chat:write`. */
export async function replaceMessage(client: SlackClient, place: MessagePlace, message: Message): Promise<void> {
  assertWithinLimits(message);
  await replaceBlocks(client, place, message);
}

/** The same with blocks as Slack gave them back: those of a message that this app has posted. */
export async function replaceBlocks(
  client: SlackClient,
  { channel, ts }: MessagePlace,
  { text, blocks }: { text: string; blocks: readonly object[] },
): Promise<void> {
  await client.write('chat.update', { channel, ts, text, blocks, parse: 'none', link_names: false }, anything, {
    what: 'to update a message',
    scope: 'chat:write',
    channel,
  });
}

/** Opens a modal for whoever clicked: within three seconds of the click, and once. Needs no scope. */
export async function openModal(client: SlackClient, triggerId: string, view: Modal): Promise<void> {
  const [broken] = brokenModalLimits(view);
  if (broken !== undefined) {
    throw new OperationError('invalid_input', `The modal was not opened, it breaks a limit of Slack: ${broken}.`);
  }
  await client.write('views.open', { trigger_id: triggerId, view }, anything, {
    what: 'to open a modal',
    scope: 'none',
  });
}
