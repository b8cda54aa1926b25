import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { channelSchema } from './channels';

export const messageTs = z.string().regex(/^\d{1,12}\.\d{1,9}$/, 'is no message timestamp such as 1712345678.000100');

export const permalinkSchema = z.string().min(1).max(500);

/** Where a message is, as callers give it: its address, or its channel and timestamp. */
export const placeInput = {
  permalink: permalinkSchema
    .optional()
    .describe("The message's address in Slack (Copy link), instead of channel and ts"),
  channel: channelSchema.optional().describe('Channel id (C...) or name (#soc-alerts) of the message'),
};

/**
 * Channel and timestamp of a message. In the address of a reply, `thread` is the message its thread hangs on. Throws
 * InvalidInputError when neither an address nor both others are given.
 */
export function placeOfMessage(given: { permalink?: string; channel?: string; ts?: string }, tsField = 'ts') {
  const { permalink, channel, ts } = given;
  if (permalink !== undefined) {
    if (channel !== undefined || ts !== undefined)
      throw new InvalidInputError('permalink', `give either this or channel and ${tsField}`);
    return fromPermalink(permalink);
  }
  if (channel === undefined) throw new InvalidInputError('channel', `give channel and ${tsField}, or permalink`);
  if (ts === undefined) throw new InvalidInputError(tsField, `give channel and ${tsField}, or permalink`);
  return { channel, ts, thread: ts };
}

/** The host is not looked at: nothing is sent there, and the channel id says the rest. */
function fromPermalink(permalink: string): { channel: string; ts: string; thread: string } {
  const url = URL.canParse(permalink.trim()) ? new URL(permalink.trim()) : undefined;
  const [, channel, seconds, fraction] =
    /^\/archives\/([CGD][A-Z0-9]{6,})\/p(\d{1,12})(\d{6})$/.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || channel === undefined)
    throw new InvalidInputError('permalink', 'is no address of a message: https://...slack.com/archives/C.../p...');
  const ts = `${seconds}.${fraction}`;
  const thread = url.searchParams.get('thread_ts');
  return { channel, ts, thread: thread !== null && messageTs.safeParse(thread).success ? thread : ts };
}
