import { z } from 'zod';
import { InvalidInputError } from '../errors';
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
