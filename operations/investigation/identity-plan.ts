import type { Alert } from './alert';
import type { PlannedQuery } from './evidence';
import { baselineDays, type Plan } from './plan';
import { type Subjects, subjectsOf } from './plan-subjects';
import { sqlList, sqlText, sqlTime } from './sql-text';

/** The sign-in log of an identity provider as Panther stores it: its table, and where it keeps what is asked for. */
interface Provider {
  name: string;
  /** For people. */
  title: string;
  table: string;
  /** Columns that the readers of sign-ins look at; those of `needed` have to be there. */
  columns: readonly string[];
  needed: readonly string[];
  actor: string;
  ip: string;
  /** Records that rules look at at all. */
  relevant: string;
  signIn: string;
  failed: string;
  /** Number of the network; absent where the log does not have it. */
  network?: { sql: string; column: string };
}

const signInKinds = ['user.session.start', 'user.authentication.sso', 'user.authentication.verify'];

/** By Panther's schemas Okta.SystemLog, Azure.Audit and GSuite.ActivityEvent. */
export const identityProviders: readonly Provider[] = [
  {
    name: 'okta',
    title: 'Okta',
    table: 'okta_systemlog',
    columns: ['eventType', 'published', 'uuid', 'actor', 'client', 'outcome', 'securityContext', 'target'],
    needed: ['eventType', 'actor', 'client', 'outcome'],
    actor: 'LOWER(actor:alternateId::string)',
    ip: 'LOWER(client:ipAddress::string)',
    relevant: "eventType <> 'policy.evaluate_sign_on'",
    signIn: `eventType IN (${sqlList(signInKinds)})`,
    failed: "outcome:result::string = 'FAILURE'",
    network: { sql: 'securityContext:asNumber::string', column: 'securityContext' },
  },
  {
    name: 'entra',
    title: 'Microsoft Entra',
    table: 'azure_audit',
    columns: ['category', 'operationName', 'resultType', 'callerIpAddress', 'properties', 'time'],
    needed: ['category', 'properties'],
    actor:
      'LOWER(COALESCE(properties:userPrincipalName::string, properties:initiatedBy:user:userPrincipalName::string))',
    ip: 'LOWER(COALESCE(properties:ipAddress::string, properties:initiatedBy:user:ipAddress::string))',
    relevant: "category IN ('AuditLogs', 'SignInLogs')",
    signIn: "category = 'SignInLogs'",
    failed: "COALESCE(properties:status:errorCode::string, '0') <> '0'",
    network: { sql: 'properties:autonomousSystemNumber::string', column: 'properties' },
  },
  {
    name: 'google',
    title: 'Google Workspace',
    table: 'gsuite_activityevent',
    columns: ['id', 'actor', 'ipAddress', 'name', 'parameters', 'type'],
    needed: ['name', 'actor', 'ipAddress'],
    actor: 'LOWER(actor:email::string)',
    ip: 'LOWER(ipAddress)',
    relevant: 'name IS NOT NULL',
    signIn: "name IN ('login_failure', 'login_success')",
    failed: "name = 'login_failure'",
  },
];

/** What the catalogue says of a provider's table; undefined when the tenant has none. */
export type KnownColumns = Readonly<Record<string, readonly string[] | undefined>>;

export interface IdentityPlan {
  queries: PlannedQuery[];
  not_available: { label: string; problem: string }[];
  /** Why the catalogue could not be read; then nothing was asked, and nobody knows what there is. */
  failed?: string;
}

const database = 'panther_logs';
const maxRows = 1000;

/** True when the alert names somebody, or somewhere, that a sign-in log can be asked about. */
export function asksForSignIns(alert: Alert): boolean {
  const { names, ips } = subjectsOf(alert);
  return names.length + ips.length > 0;
}

/**
 * Questions to the sign-in logs that this tenant has: what the people of the alert did there, which networks they used in the weeks
 * before, and whom else its addresses tried. Bounded like the plan's own, and as deterministic: the same alert and
 * catalogue give the same bytes. At most three for each log.
 */
export function identityPlan(alert: Alert, plan: Plan, known: KnownColumns): IdentityPlan {
  const subjects = subjectsOf(alert);
  const queries: PlannedQuery[] = [];
  const not_available: IdentityPlan['not_available'] = [];
  for (const provider of identityProviders) {
    const columns = known[provider.table]?.map((name) => name.toLowerCase());
    const has = (name: string) => columns?.includes(name.toLowerCase()) === true;
    const missing = provider.needed.filter((name) => !has(name));
    if (columns === undefined || missing.length > 0) {
      const problem =
        columns === undefined
          ? `This tenant has no table ${provider.table}, or the token may not see it: sign-ins at ${provider.title} were not looked at.`
          : `The table ${provider.table} has no column ${missing.join(', ')}: sign-ins at ${provider.title} were not looked at.`;
      not_available.push({ label: `identity_${provider.name}`, problem });
      continue;
    }
    queries.push(...queriesOf(provider, subjects, plan, has));
  }
  return { queries, not_available };
}

function queriesOf(
  provider: Provider,
  subjects: Subjects,
  plan: Plan,
  has: (column: string) => boolean,
): PlannedQuery[] {
  const { name, title, actor, ip, relevant, signIn, failed, network } = provider;
  const table = `panther_logs.public.${provider.table}`;
  const columns = ['p_row_id', 'p_event_time', ...provider.columns.filter(has)].join(', ');
  const window = `p_event_time BETWEEN ${sqlTime(plan.from)} AND ${sqlTime(plan.to)}`;
  const start = Date.parse(plan.from);
  const past = new Date(start - baselineDays * 86_400_000).toISOString();
  const history = `p_event_time BETWEEN ${sqlTime(past)} AND ${sqlTime(new Date(start - 1).toISOString())}`;
  const who = byPerson(actor, subjects.names);
  const made: PlannedQuery[] = [];
  const add = (label: string, purpose: string, sql: string) =>
    made.push({ label, purpose, sql, database, max_rows: maxRows });
  if (who !== undefined) {
    const named = onPerson(subjects.names);
    add(
      `identity_${name}`,
      `What the people of the alert did at ${title}, and what was done to their accounts.`,
      `SELECT ${columns} FROM ${table} WHERE ${window} AND ${relevant} AND (${named === undefined ? who : `${who} OR ${named}`}) ORDER BY p_event_time, p_row_id LIMIT ${maxRows}`,
    );
    if (network !== undefined && has(network.column)) {
      add(
        `identity_${name}_history`,
        `Networks from which they signed in during the ${baselineDays} days before, once a day each.`,
        `SELECT ${columns} FROM ${table} WHERE ${history} AND ${signIn} AND NOT (${failed}) AND ${who} QUALIFY ROW_NUMBER() OVER (PARTITION BY ${actor}, ${network.sql}, DATE_TRUNC('day', p_event_time) ORDER BY p_event_time, p_row_id) = 1 ORDER BY p_event_time, p_row_id LIMIT ${maxRows}`,
      );
    }
  }
  if (subjects.ips.length > 0) {
    const from = `${window} AND ${signIn} AND ${ip} IN (${sqlList(subjects.ips)})`;
    add(
      `identity_${name}_address`,
      `Failed sign-ins at ${title} from the addresses of the alert, by anybody, and how these people came in.`,
      `SELECT ${columns} FROM ${table} WHERE ${from} AND ${actor} IN (SELECT ${actor} FROM ${table} WHERE ${from} AND ${failed}) ORDER BY p_event_time, p_row_id LIMIT ${maxRows}`,
    );
  }
  return made;
}

/** An address in full, or the part before the at sign where the alert has only a name. */
function byPerson(actor: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const addresses = names.filter((name) => name.includes('@'));
  const parts = [`SPLIT_PART(${actor}, '@', 1) IN (${sqlList(names.map((name) => name.split('@')[0] ?? name))})`];
  // With an address in full, somebody of the same name elsewhere is somebody else.
  if (addresses.length === names.length) return `${actor} IN (${sqlList(addresses)})`;
  if (addresses.length > 0) parts.unshift(`${actor} IN (${sqlList(addresses)})`);
  return `(${parts.join(' OR ')})`;
}

/** Records that name somebody, whoever acted: Panther collects addresses of each record in one column. */
function onPerson(names: readonly string[]): string | undefined {
  const addresses = names.filter((name) => name.includes('@'));
  if (addresses.length === 0) return undefined;
  return addresses.map((address) => `ARRAY_CONTAINS(${sqlText(address)}::VARIANT, p_any_emails)`).join(' OR ');
}
