import { actionKey, isSufficient, isUsualAction } from '../baseline';
import { at, type CallGroup, type CloudEvent, isServiceAddress, textOf } from '../cloud-event';
import {
  byPrincipal,
  type Cited,
  callRule,
  cite,
  citeGroup,
  type EvidenceRule,
  type Finding,
  type RuleContext,
} from './rule';

/** One kind of look at the account, single or counted. */
interface Look {
  principal: CloudEvent['principal'];
  key: string;
  service: string;
  name: string;
  at: string;
  cited: Cited;
}

function looksOf(context: RuleContext, wanted: (look: { service: string; name: string }) => boolean): Look[] {
  const single = context.events
    .filter((event) => wanted(event) && !event.viaService && event.principal.kind !== 'service')
    .map((event) => ({ ...pick(event), at: event.at, cited: cite(event) }));
  const counted = context.reads
    .filter((group) => wanted(group) && !isServiceAddress(group.ip) && group.principal.kind !== 'service')
    .map((group) => ({ ...pick(group), at: group.firstAt, cited: citeGroup(group) }));
  return [...single, ...counted];
}

function pick(call: CloudEvent | CallGroup) {
  return { principal: call.principal, key: actionKey(call), service: call.service, name: call.name };
}

/** Whether the principal is known to do all this anyway. */
function isHabit(context: RuleContext, looks: readonly Look[]): boolean {
  const profile = context.profiles.get(looks[0]?.principal.key ?? '');
  return isSufficient(profile) && looks.every((look) => isUsualAction(profile, look));
}

/** Questions about the whole account: who there is, what guards it, where its data are. */
const accountQuestions =
  /^(?:GetCallerIdentity|GetAccountSummary|GetAccountAuthorizationDetails|ListUsers|ListRoles|ListGroups|ListAccountAliases|ListBuckets|ListSecrets|DescribeTrails|ListTrails|ListDetectors|DescribeSnapshots|DescribeDBSnapshots|DescribeDBInstances|DescribeOrganization|ListAccounts|ListFunctions\d*|DescribeInstances|DescribeSecurityGroups|DescribeVpcs)$/;

/**
 * A machine's own role that asks about the whole account: its programs know what they need, whoever sits on it does not.
 * EC2 sets the session name of such a role to the machine's id. ATT&CK T1580, T1087.004; Stratus ec2-enumerate-from-instance.
 */
export const machineEnumerates: EvidenceRule = {
  name: 'machine_role_enumerates_account',
  family: 'hostile',
  group: 'discovery',
  weight: 2.3,
  techniques: ['T1580'],
  find(context) {
    const machines = new Set([
      ...context.events.filter(isOfMachine).map((event) => event.principal.key),
      ...machinesOfAlert(context),
    ]);
    const looks = looksOf(context, ({ name }) => accountQuestions.test(name)).filter(
      ({ principal }) => principal.kind === 'role' && machines.has(principal.key),
    );
    return [...byPrincipal(looks).values()].flatMap((mine): Finding[] => {
      const kinds = new Set(mine.map(({ key }) => key));
      const services = new Set(mine.map(({ service }) => service));
      const first = mine[0];
      if (first === undefined || kinds.size < 4 || services.size < 2 || isHabit(context, mine)) return [];
      return [
        {
          rule: 'machine_role_enumerates_account',
          family: 'hostile',
          group: 'discovery',
          principal: first.principal.key,
          weight: 2.3,
          severity: 'HIGH',
          techniques: ['T1580', 'T1087.004'],
          statement: `${first.principal.label}, the role of a machine, asked ${kinds.size} kinds of question about the account over ${services.size} services.`,
          cited: mine.map(({ cited }) => cited),
        },
      ];
    });
  },
};

/** Roles of machines that the alert names by a session: ordinary reads are counted by role, without the session's name. */
function machinesOfAlert({ alert }: RuleContext): string[] {
  return alert.entities.flatMap(({ value }) => {
    const session = /:(\d{12}):assumed-role\/([^/]+)\/m?i-[0-9a-f]{8,17}$/i.exec(value);
    return session === null ? [] : [`role:${session[1]}:${session[2]}`.toLowerCase()];
  });
}

function isOfMachine(event: CloudEvent): boolean {
  const arn = textOf(event.row.actor_arn) ?? textOf(at(event.row, 'userIdentity', 'arn')) ?? '';
  return event.principal.kind === 'role' && /\/m?i-[0-9a-f]{8,17}$/i.test(arn);
}

const mailQuestions =
  /^(?:GetAccount|GetAccountSendingEnabled|GetEmailIdentity|GetSendQuota|GetSendStatistics|ListIdentities|ListEmailIdentities|ListVerifiedEmailAddresses|GetIdentityVerificationAttributes|GetIdentityDkimAttributes)$/;

/**
 * Whether mail can be sent from here, and how much: asked by whoever wants to send it, and hardly anything else besides. The
 * pages of a console ask the same among a hundred other things. ATT&CK T1526, T1496.004; Stratus ses-enumerate.
 */
export const mailEnumerated: EvidenceRule = {
  name: 'mail_service_enumerated',
  family: 'hostile',
  group: 'discovery',
  weight: 2.3,
  techniques: ['T1526'],
  find(context) {
    const isMail = ({ service, name }: { service: string; name: string }) =>
      service === 'ses' && mailQuestions.test(name);
    return [...byPrincipal(looksOf(context, isMail)).entries()].flatMap(([principal, mail]): Finding[] => {
      // Only ordinary reads make it harmless: whoever is refused elsewhere, or changes something, is no page of a console.
      const pages = context.reads.filter((group) => group.principal.key === principal && !isMail(group));
      const kinds = new Set(mail.map(({ key }) => key));
      const first = mail[0];
      const others = new Set(pages.map(actionKey)).size;
      if (first === undefined || kinds.size < 3 || others > kinds.size || isHabit(context, mail)) return [];
      return [
        {
          rule: 'mail_service_enumerated',
          family: 'hostile',
          group: 'discovery',
          principal: first.principal.key,
          weight: 2.3,
          severity: 'MEDIUM',
          techniques: ['T1526', 'T1496.004'],
          statement: `${first.principal.label} asked ${kinds.size} kinds of question about sending mail, and ${others === 0 ? 'nothing' : `only ${others} kinds`} else by way of reading.`,
          cited: mail.map(({ cited }) => cited),
        },
      ];
    });
  },
};

/** All secrets asked for by a filter instead of by name: nobody who needs one does not know its name. ATT&CK T1555.006. */
export const secretsByFilter = callRule({
  name: 'secrets_fetched_by_filter',
  group: 'secrets',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1555.006'],
  match: (event) =>
    event.service === 'secretsmanager' && event.name === 'BatchGetSecretValue' && event.request.filters !== undefined
      ? { what: 'fetched secrets in bulk by a filter' }
      : undefined,
});

/** Programs that exist to find or to use stolen keys. The caller writes the user agent: who hides it is judged by the rest. */
const attackTools: readonly [string, RegExp][] = [
  ['TruffleHog', /^trufflehog/i],
  ['Pacu', /\bpacu\b/i],
  ['Kali Linux', /[-+ ]kali\d?(?:[-/ ]|$)/i],
  ['Parrot Linux', /[-+ ]parrot\d?(?:[-/ ]|$)/i],
  ['Pentoo', /[-+ ]pentoo(?:[-/ ]|$)/i],
];

function toolOf(agent: unknown): string | undefined {
  const text = textOf(agent) ?? '';
  return attackTools.find(([, pattern]) => pattern.test(text))?.[0];
}

/** ATT&CK T1078.004, T1580; GuardDuty PenTest findings. */
export const attackToolUsed: EvidenceRule = {
  name: 'attack_tool_client',
  family: 'hostile',
  group: 'novelty',
  weight: 2.2,
  techniques: ['T1078.004'],
  find(context) {
    const uses = [
      ...context.events.map((event) => ({ ...event, tool: toolOf(event.row.user_agent), cited: cite(event) })),
      ...context.reads.map((group) => ({ ...group, tool: toolOf(group.row.agent_family), cited: citeGroup(group) })),
    ].filter(({ tool, principal }) => tool !== undefined && principal.kind !== 'service');
    return [...byPrincipal(uses).values()].flatMap((mine): Finding[] => {
      const first = mine[0];
      if (first === undefined) return [];
      const tools = [...new Set(mine.map(({ tool }) => tool))].sort().join(', ');
      return [
        {
          rule: 'attack_tool_client',
          family: 'hostile',
          group: 'novelty',
          principal: first.principal.key,
          weight: 2.2,
          severity: 'HIGH',
          techniques: ['T1078.004'],
          statement: `${first.principal.label} called with ${tools}, which is made for finding or using stolen credentials.`,
          cited: mine.map(({ cited }) => cited),
        },
      ];
    });
  },
};
