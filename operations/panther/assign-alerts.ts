import { z } from 'zod';
import { InvalidInputError, MissingPermissionError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { alertIdsOf } from './alert-address';
import { changeAnswer, changeDeadlineMs, changeInput, changeOutput } from './alert-change-fields';
import { changeAlerts } from './alert-changes';
import { summaryOf } from './alert-shape';
import { PantherClient } from './client';

export const assignAlerts = defineOperation({
  name: 'assign_alerts',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Assign',
  action: 'Assign alerts to a user',
  description:
    'Assigns up to 100 alerts of Panther to a user, by e-mail address or user id, or takes the assignment away (unassign); give exactly one of the two. An e-mail address needs the permission UserRead; a user id does not. Each alert is read before and after, and has a result of its own; complete is false when any failed.',
  effect: 'write',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertModify', 'AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_ids: changeInput.alert_ids,
    assignee: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('E-mail address or user id of who gets the alerts; list_users shows both'),
    unassign: z
      .boolean()
      .default(false)
      .describe('Whether to take the alerts away from whoever has them; default false'),
    dry_run: changeInput.dry_run,
  }),
  output: changeOutput({
    before: z.string().nullable().describe('Id of who had it; null for nobody, or for an alert that could not be read'),
    assignee_id: z.string().nullable().describe('Id of who has it as last read; in a dry run as it would be'),
  }).extend({
    assignee: z
      .object({ id: z.string(), email: z.string().nullable() })
      .nullable()
      .describe('The user; null when unassigning. email is null when the token may not read users'),
  }),
  example: { alert_ids: ['$alert_id'], assignee: 'rafael.fischer@simulated-corp.example' },
  echoOnError: ['alert_ids', 'assignee'],
  list: 'results',
  async run(ports, { alert_ids, assignee, unassign, dry_run }) {
    if ((assignee !== undefined) === unassign) {
      throw new InvalidInputError('assignee', 'give either an assignee or unassign: true, and not both');
    }
    const client = await PantherClient.connect(ports, new Deadline(ports, changeDeadlineMs));
    const ids = alertIdsOf(alert_ids, client.endpoints);
    const user = assignee === undefined ? null : await findUser(client, assignee.trim());
    const wanted = user?.id ?? null;
    const outcomes = await changeAlerts<string | null>(
      client,
      ids,
      {
        of: (alert) => summaryOf(alert).assignee?.id ?? null,
        wanted: () => wanted,
        write: (each) => assign(client, each, wanted),
      },
      dry_run,
    );
    return {
      ...changeAnswer(outcomes, dry_run, ({ before, after }) => ({ before, assignee_id: after })),
      assignee: user && { id: cleanLine(user.id, 256), email: user.email === null ? null : cleanLine(user.email, 320) },
    };
  },
});

const usersDocument = /* GraphQL */ `
  query ListUsersForAssignment {
    users { id email enabled }
  }
`;
const usersAnswer = z.object({
  users: z.array(z.object({ id: z.string(), email: z.string().nullish(), enabled: z.boolean().nullish() })),
});

interface AssignedUser {
  id: string;
  email: string | null;
}

/**
 * Who is meant. Throws InvalidInputError for nobody, and for an account that is switched off: nobody would see the
 * alert. Without UserRead an id is taken as given.
 */
async function findUser(client: PantherClient, given: string): Promise<AssignedUser> {
  const isEmail = given.includes('@');
  let users: z.infer<typeof usersAnswer>['users'];
  try {
    const { data } = await client.read(usersDocument, {}, usersAnswer, {
      permission: 'UserRead',
      what: 'to look up a user by e-mail address (a user id needs no such permission)',
    });
    users = data.users;
  } catch (error) {
    if (error instanceof MissingPermissionError && !isEmail) return { id: given, email: null };
    throw error;
  }
  const user = users.find(({ id, email }) => (isEmail ? email?.toLowerCase() === given.toLowerCase() : id === given));
  if (user === undefined) {
    throw new InvalidInputError(
      'assignee',
      `Panther has no user ${cleanLine(given, 200)}; list_users shows who there is`,
    );
  }
  if (user.enabled === false) {
    throw new InvalidInputError('assignee', `the account of ${cleanLine(given, 200)} is switched off`);
  }
  return { id: user.id, email: user.email ?? null };
}

const assignDocument = /* GraphQL */ `
  mutation UpdateAlertsAssigneeById($input: UpdateAlertsAssigneeByIdInput!) {
    updateAlertsAssigneeById(input: $input) {
      alerts { id }
    }
  }
`;
const assignAnswer = z.object({ updateAlertsAssigneeById: z.object({ alerts: z.array(z.unknown()).nullish() }) });

/**
 * Over GraphQL, because only there taking an assignment away is documented: without `assigneeId` it is. Repeated like a
 * read: assigning twice is assigning once.
 */
async function assign(client: PantherClient, ids: readonly string[], userId: string | null): Promise<void> {
  await client.read(assignDocument, { input: { ids, ...(userId !== null && { assigneeId: userId }) } }, assignAnswer, {
    permission: 'AlertModify',
    what: 'to assign alerts',
  });
}
