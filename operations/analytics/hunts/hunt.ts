import { InvalidInputError } from '../../errors';
import type { Severity } from '../../investigation/evidence';
import { sqlTime } from '../../investigation/sql-text';

/** First and last moment, the last one left out; ISO 8601 in UTC. */
export interface HuntWindow {
  from: string;
  to: string;
}

/** A number that changes how sharp a hunt is. Hunts take nothing else, so that nothing from outside reaches their SQL. */
export interface HuntParameter {
  name: string;
  description: string;
  default: number;
  min: number;
  max: number;
}

export interface Hunt {
  /** snake_case. */
  name: string;
  title: string;
  /** What an attacker would be doing. */
  hypothesis: string;
  /** How much a finding weighs before anybody has looked at it: the severity of the case that the schedule opens. */
  severity: Severity;
  /** Techniques by ATT&CK id. */
  techniques: readonly string[];
  /** Who does the same in daily work, and how to tell. */
  noise: string;
  /** A log that a tenant may do without, by its table; CloudTrail where nothing is said. */
  log?: string;
  parameters: readonly HuntParameter[];
  /** Snowflake's dialect over Panther's tables; one row a finding, with `actor`, `first_at`, `last_at` and what was done. */
  sql(window: HuntWindow, value: (parameter: string) => number): string;
}

/** Who called: the role behind a session, else the identity itself. */
export const actor =
  "COALESCE(userIdentity:sessionContext:sessionIssuer:arn::string, userIdentity:arn::string, userIdentity:userName::string, 'unknown')";

/** What a finding says of the calls it groups. */
export const span = 'MIN(p_event_time) AS first_at, MAX(p_event_time) AS last_at, COUNT(*) AS calls';

export const oktaLog = 'okta_systemlog';
export const googleLog = 'gsuite_activityevent';
export const azureLog = 'azure_audit';

/** The calls of the window. */
export function within({ from, to }: HuntWindow, log = 'aws_cloudtrail'): string {
  return `FROM panther_logs.public.${log} WHERE p_event_time >= ${sqlTime(from)} AND p_event_time < ${sqlTime(to)}`;
}

/** The SQL of a hunt with these parameters. Throws InvalidInputError for one it does not take, or out of its bounds. */
export function huntSql(hunt: Hunt, window: HuntWindow, given: Readonly<Record<string, number>>): string {
  for (const [name, value] of Object.entries(given)) {
    const parameter = hunt.parameters.find((known) => known.name === name);
    if (parameter === undefined) {
      const known = hunt.parameters.map((one) => one.name).join(', ') || 'none';
      throw new InvalidInputError(`parameters.${name}`, `${hunt.name} takes ${known}`);
    }
    if (!Number.isInteger(value) || value < parameter.min || value > parameter.max)
      throw new InvalidInputError(`parameters.${name}`, `is a whole number from ${parameter.min} to ${parameter.max}`);
  }
  return hunt.sql(window, (name) => given[name] ?? hunt.parameters.find((one) => one.name === name)?.default ?? 0);
}
