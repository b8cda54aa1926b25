import { z } from 'zod';
import { InvalidInputError, NotFoundOrNoAccessError } from '../errors';
import { cleanLine } from '../text';
import type { SlackClient } from './client';

export const channelSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^(#?[^\s#<>&`,:]+)$/, 'is no channel id (C...) or name (#soc-alerts)');

/** Letters, digits, `-`, `_` and `.`, as in `INV-...`; anything else could not stand in the key of an effect. */
export const caseIdSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9._-]+$/, 'is no case id; ids look like INV-01ABC');

/** The first of the connection's defaults that is set. Throws InvalidInputError when none is. */
export function defaultChannel(client: SlackClient, ...names: string[]): string {
  for (const name of names) {
    const channel = client.defaults[name]?.trim();
    if (channel) return channel;
  }
  throw new InvalidInputError('channel', `give one, or set ${names.join(' or ')} as a default of the Slack connection`);
}

const channelsAnswer = z.object({
  channels: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullish(),
      creator: z.string().nullish(),
      is_private: z.boolean().nullish(),
      topic: z.object({ value: z.string().nullish() }).nullish(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
const pageSize = 200;
const mostPages = 25;

export type FoundChannel = z.output<typeof channelsAnswer>['channels'][number];

/** A channel that is not archived, by its name, among the first 5,000 that the app may see. */
export async function findChannel(client: SlackClient, channel: string): Promise<FoundChannel | undefined> {
  const name = channel.replace(/^#/, '').toLowerCase();
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.read(
      'conversations.list',
      { types: 'public_channel,private_channel', exclude_archived: true, limit: pageSize, cursor },
      channelsAnswer,
      { what: 'to find a channel by its name', scope: 'channels:read' },
    );
    const found = answer.channels.find((entry) => entry.name?.toLowerCase() === name);
    if (found !== undefined) return found;
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) break;
  }
  return undefined;
}

/** The id of a channel given by id or name. Throws NotFoundOrNoAccessError when no channel we may see has that name. */
export async function channelId(client: SlackClient, channel: string): Promise<string> {
  if (/^[CGD][A-Z0-9]{6,}$/.test(channel)) return channel;
  const found = await findChannel(client, channel);
  if (found !== undefined) return found.id;
  const hint = 'Check the name or id; for a private channel, invite the app.';
  throw new NotFoundOrNoAccessError('Slack', `channel ${cleanLine(channel, 100)}`, hint);
}
