import { account, call, fromTheFirstSecond, judge, type Row } from '../cloud-rows';

/** One call: service, name, request parameters, and columns that differ from an ordinary call of user eve. */
export type Step = [service: string, name: string, request?: Row, change?: Row];
/** What is done, and the calls of it. All of it is simulated: written from what AWS documents of each call. */
export type Technique = [name: string, ...steps: Step[]];

export const outside = '999988887777';
export const outsideArn = `arn:aws:iam::${outside}:root`;
export const own = account;

const plainRead = /^(?:Describe|List|Get|Head|Lookup|Search|BatchGet)/;
/** Reads that the plan lists one by one, because they hand something out. */
const listed =
  /^(?:BatchGetSecretValue|GetAccountAuthorizationDetails|GetCredentialReport|GetCredentialsForIdentity|GetFederationToken|GetParameters?|GetParametersByPath|GetParameterHistory|GetPasswordData|GetRoleCredentials|GetSecretValue|GetSessionToken|GetSigninToken|GetSnapshotBlock|DescribeInstanceAttribute)$/;

/** The answers of the plan: single calls, and ordinary reads that worked as counts. */
export function answers(steps: readonly Step[]): { actor_activity: Row[]; actor_reads: Row[] } {
  const single: Row[] = [];
  const counted = new Map<string, Row>();
  fromTheFirstSecond();
  for (const [service, name, request, change] of steps) {
    const row = call(service, name, request, change);
    const failed = row.error_code !== null;
    if (!plainRead.test(name) || listed.test(name) || failed) {
      single.push(row);
      continue;
    }
    const key = `${service}:${name}:${String(row.actor_arn)}:${String(row.source_ip)}`;
    const known = counted.get(key);
    counted.set(key, {
      actor_type: row.actor_type,
      actor_arn: row.issuer_arn ?? row.actor_arn,
      actor_account: row.actor_account,
      event_source: row.event_source,
      event_name: name,
      source_ip: row.source_ip,
      agent_family: row.user_agent,
      calls: Number(known?.calls ?? 0) + 1,
      failed_calls: 0,
      active_days: 1,
      first_at: known?.first_at ?? row.event_time,
      last_at: row.event_time,
      sample_event_id: known?.sample_event_id ?? row.event_id,
    });
  }
  return { actor_activity: single, actor_reads: [...counted.values()] };
}

export function judged([, ...steps]: Technique) {
  return judge(answers(steps));
}

/** `count` calls that differ by their number. */
export function each(count: number, make: (index: number) => Step): Step[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A resource policy that lets `principal` in. */
export function policyFor(principal: unknown, action = '*', condition?: Row): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: action,
        Resource: '*',
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ],
  });
}

/** An identity policy. */
export function rights(action: string | string[], resource = '*'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
  });
}

export const trustOf = (principal: unknown): string =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }] });

export const denied: Row = { error_code: 'AccessDenied' };
