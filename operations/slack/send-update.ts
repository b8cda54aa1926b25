import { z } from 'zod';
import type { Message } from './blocks';
import type { SlackClient } from './client';
import { assertWithinLimits } from './limits';
import type { Posted } from './post-once';

/**
 * Replaces what a message of ours shows; its metadata stays. Doing it twice is the same as once, so a lost answer is no
 * reason to stop.
 */
export async function sendUpdate(client: SlackClient, { channel, ts }: Posted, message: Message): Promise<void> {
  assertWithinLimits(message);
  await client.write(
    'chat.update',
    { channel, ts, text: message.text, blocks: message.blocks, parse: 'none', link_names: false },
    z.object({ ok: z.literal(true) }),
    { what: 'to update a message', scope: 'chat:write', channel },
    { repeatable: true },
  );
}
