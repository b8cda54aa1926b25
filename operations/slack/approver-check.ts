import type { Requester } from '../approvals';
import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import type { SlackClient } from './client';
import type { InteractionUser } from './interaction-payload';
import { groupMembers, ownWorkspace, personById, type SlackPerson, type Workspace } from './slack-users';

export interface Approver {
  id: string;
  /** As Slack shows it now; to read, not to decide by. */
  name: string;
  /** Given only when the app may read it (`users:read.email`). */
  email?: string;
}

export type ApproverProblem = 'not_listed' | 'requester' | 'foreign' | 'guest' | 'deactivated' | 'bot';

export type ApproverCheck =
  | { allowed: true; approver: Approver }
  | { allowed: false; problem: ApproverProblem; message: string };

/** Who may decide on one request: ids of people (`U...`, `W...`) and of user groups (`S...`). */
export interface ApproverRule {
  /** Empty: nobody. */
  listed: readonly string[];
  /** Of those listed, only these; null when the request does not narrow them. */
  narrowed?: readonly string[] | null;
  requester: Requester;
}

/** What is asked of Slack besides the account itself. A host may remember it for a moment. */
export interface WorkspaceLooks {
  /**
   * Asks about the account while the lists are still read: one round less, of the three seconds that Slack gives to open a
   * modal. Without it, strangers cost no question about their accounts.
   */
  readonly atOnce: boolean;
  members(client: SlackClient, group: string): Promise<readonly string[]>;
  own(client: SlackClient): Promise<Workspace>;
}

const asked: WorkspaceLooks = { atOnce: true, members: groupMembers, own: ownWorkspace };

const messages: Record<ApproverProblem, string> = {
  not_listed: 'You are not among those who may decide on this. Nothing was recorded.',
  requester: 'You asked for this yourself, so somebody else has to decide. Nothing was recorded.',
  foreign: 'People of other companies cannot decide on this. Nothing was recorded.',
  guest: 'Guests cannot decide on this. Nothing was recorded.',
  deactivated: 'This account is deactivated and cannot decide. Nothing was recorded.',
  bot: 'Apps cannot decide on this. Nothing was recorded.',
};

/**
 * Ids with commas or blanks between them, each once. Throws InvalidInputError on `field` for anything that is no id:
 * names can be changed and taken over, ids cannot.
 */
export function parseApprovers(text: string, field: string): string[] {
  const ids = [...new Set(text.split(/[\s,;]+/).filter((part) => part !== ''))];
  for (const id of ids) {
    if (!/^[UWS][A-Z0-9]{2,20}$/.test(id)) {
      throw new InvalidInputError(
        field,
        `"${cleanLine(id, 40)}" is no ID of a Slack user (U..., W...) or user group (S...)`,
      );
    }
  }
  return ids;
}

/**
 * Whether somebody who clicked may decide, as things are at this moment: on the list themselves or through a group, not
 * the requester, a full member of this workspace. Who clicked comes from the payload that Slack signed. Needs `users:read`,
 * and `usergroups:read` for groups. Throws OperationError when Slack cannot be asked; then nobody may decide.
 */
export async function checkApprover(
  client: SlackClient,
  click: { user: InteractionUser; team_id: string | null },
  rule: ApproverRule,
  looks: WorkspaceLooks = asked,
): Promise<ApproverCheck> {
  const { user, team_id: team } = click;
  const { listed, narrowed = null, requester } = rule;
  if (user.id === requester.slack_user_id || user.id === requester.stated) return refused('requester');
  if (user.team_id !== null && team !== null && user.team_id !== team) return refused('foreign');
  const ask = () => personById(client, user.id, looks.own(client));
  const early = looks.atOnce ? ask() : undefined;
  early?.catch(() => {});
  const lists = narrowed === null ? [listed] : [listed, narrowed];
  const within = await Promise.all(lists.map((ids) => isAmong(client, looks, user.id, ids)));
  if (within.includes(false)) return refused('not_listed');
  const person = await (early ?? ask());
  const problem = person.id === user.id ? accountProblem(person) : 'foreign';
  if (problem !== undefined) return refused(problem);
  if (isRequester(requester, [person.handle, person.email])) return refused('requester');
  const { name, handle, email } = person;
  const shown = cleanLine(name ?? handle ?? user.name ?? user.id, 100);
  return { allowed: true, approver: { id: user.id, name: shown, ...(email === null ? {} : { email }) } };
}

/** Ids with user groups replaced by their members. A group that has none adds nobody. */
export async function peopleOf(
  client: SlackClient,
  ids: readonly string[],
  looks: WorkspaceLooks = asked,
): Promise<Set<string>> {
  const lists = await Promise.all(ids.map((id) => (isGroup(id) ? looks.members(client, id) : [id])));
  return new Set(lists.flat());
}

/** Members are read at the moment of the decision: whoever left a group this morning does not decide today. */
async function isAmong(client: SlackClient, looks: WorkspaceLooks, user: string, ids: readonly string[]) {
  return ids.includes(user) || (await peopleOf(client, ids.filter(isGroup), looks)).has(user);
}

function accountProblem({ external, deactivated, bot, guest }: SlackPerson): ApproverProblem | undefined {
  if (external) return 'foreign';
  if (deactivated) return 'deactivated';
  if (bot) return 'bot';
  return guest ? 'guest' : undefined;
}

/** Whether a name or address is the one that the requester is known by. It excludes; it never lets anybody in. */
function isRequester({ principal, stated }: Requester, names: readonly (string | null)[]): boolean {
  const known = [principal, stated].flatMap((text) => (text === null ? [] : [plainName(text)]));
  return names.some((name) => name !== null && name !== '' && known.includes(plainName(name)));
}

function plainName(text: string): string {
  return text.trim().replace(/^@/, '').toLowerCase();
}

function isGroup(id: string): boolean {
  return id.startsWith('S');
}

function refused(problem: ApproverProblem): ApproverCheck {
  return { allowed: false, problem, message: messages[problem] };
}
