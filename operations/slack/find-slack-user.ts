import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { SlackClient } from './client';
import { personByEmail, personById } from './slack-users';

export const findSlackUser = defineOperation({
  name: 'find_slack_user',
  toolset: 'slack',
  resource: 'User',
  title: 'Find',
  action: 'Find a user',
  description:
    'Looks up one Slack account by e-mail address or id: who it is, and whether it is a guest, deactivated, an app or of another workspace. Names and titles are written by their owners and prove nothing. Deactivated accounts are found by id only.',
  effect: 'read',
  idempotent: true,
  services: ['slack'],
  permissions: ['users:read', 'users:read.email'],
  runs: 'anywhere',
  input: z.object({
    email: z.string().email().max(320).optional().describe('E-mail address of the account; give this or user_id'),
    user_id: z
      .string()
      .regex(/^[UW][A-Z0-9]{2,20}$/, 'is no id of a Slack user, such as U012ABCDEF')
      .optional()
      .describe('Slack id (U... or W...)'),
  }),
  output: z.object({
    id: z.string(),
    team_id: z.string().nullable().describe('Workspace of the account'),
    handle: z.string().nullable(),
    name: z.string().nullable(),
    title: z.string().nullable(),
    email: z.string().nullable(),
    time_zone: z.string().nullable(),
    deactivated: z.boolean(),
    guest: z.boolean().describe('Single- or multi-channel guest'),
    bot: z.boolean(),
    external: z.boolean().describe('Of another workspace (Slack Connect)'),
  }),
  example: { email: 'eva.novak@simulated-corp.example' },
  echoOnError: ['email', 'user_id'],
  async run(ports, { email, user_id }) {
    if ((email === undefined) === (user_id === undefined))
      throw new InvalidInputError('email', 'give either email or user_id');
    const client = await SlackClient.connect(ports, new Deadline(ports, 30_000));
    return email === undefined ? personById(client, user_id ?? '') : personByEmail(client, email);
  },
});
