import type { Alert } from './alert';

/** Whom and what the queries look for, taken from an alert's entities. Lower case except key ids; sorted. */
export interface Subjects {
  /** Plain names: IAM users, e-mail addresses, session names given by an identity centre. */
  names: string[];
  /** Names of roles whose sessions are looked at. */
  roles: string[];
  /** Principal ARNs, lower case. */
  arns: string[];
  accessKeys: string[];
  /** EC2 instances: their roles' sessions are named after them, by AWS. */
  machines: string[];
  ips: string[];
  accounts: string[];
  /** Entities of a kind CloudTrail does not know. */
  leftOut: string[];
  /** Entities past the limit of one query. */
  tooMany: string[];
}

/** More than this of one kind and the query would ask about everybody; what is left out is said in the coverage. */
const maxOfKind = 20;
/** AWS names end at 128 and ARNs of principals well below 300; longer values are no principals. */
const maxLength = 300;

const instanceId = /^m?i-[0-9a-f]{8,17}$/;
const userArn = /^arn:aws[a-z-]*:iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/;
const roleArn = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;
const sessionArn = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;

/** Roles made by IAM Identity Center: many people share one, and the session name is set by the centre, not by them. */
export function isSharedByPeople(role: string): boolean {
  return role.toLowerCase().startsWith('awsreservedsso_');
}

export function subjectsOf(alert: Pick<Alert, 'entities'>): Subjects {
  const names = new Set<string>();
  const roles = new Set<string>();
  const arns = new Set<string>();
  const accessKeys = new Set<string>();
  const machines = new Set<string>();
  const ips = new Set<string>();
  const accounts = new Set<string>();
  const leftOut = new Set<string>();
  const tooMany = new Set<string>();
  const add = (set: Set<string>, value: string, entity: string) => {
    if (value.length > maxLength) leftOut.add(entity);
    else if (set.size >= maxOfKind && !set.has(value)) tooMany.add(entity);
    else set.add(value);
  };
  for (const { type, value } of alert.entities) {
    const label = `${type} ${value}`;
    const lower = value.toLowerCase();
    if (type === 'user' || type === 'email') {
      // A user is sometimes written as user/name or as assumed-role/name/session.
      add(names, lower.split('/').at(-1) ?? lower, label);
    } else if (type === 'role') add(roles, lower.split('/').at(-1) ?? lower, label);
    else if (type === 'access_key') add(accessKeys, value, label);
    else if (type === 'host' && instanceId.test(lower)) add(machines, lower, label);
    else if (type === 'ip') add(ips, lower, label);
    else if (type === 'aws_account') add(accounts, value, label);
    else if (type === 'aws_arn') addArn(lower, label);
    else leftOut.add(label);
  }
  function addArn(arn: string, label: string): void {
    const session = sessionArn.exec(arn);
    const role = roleArn.exec(arn);
    if (session !== null) {
      const [, , roleName = '', sessionName = ''] = session;
      add(arns, arn, label);
      // Whoever may assume a role chooses the session name, so the next session would have another one.
      if (isSharedByPeople(roleName)) add(names, sessionName, label);
      else add(roles, roleName, label);
    } else if (role !== null) add(roles, role[2] ?? '', label);
    else if (userArn.test(arn) || /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:/.test(arn)) add(arns, arn, label);
    else leftOut.add(label);
  }
  const sorted = (set: Set<string>) => [...set].sort();
  return {
    names: sorted(names),
    roles: sorted(roles),
    arns: sorted(arns),
    accessKeys: sorted(accessKeys),
    machines: sorted(machines),
    ips: sorted(ips),
    accounts: sorted(accounts),
    leftOut: sorted(leftOut),
    tooMany: sorted(tooMany),
  };
}

/** True when the alert names a principal by name, role, ARN or key, or a machine with a role of its own. */
export function hasActor({ names, roles, arns, accessKeys, machines }: Subjects): boolean {
  return names.length + roles.length + arns.length + accessKeys.length + machines.length > 0;
}
