import type { CaseRecord } from '../cases';
import { ConflictError, InvalidInputError } from '../errors';
import type { ObservedTarget } from '../investigation/observed-targets';
import { cleanLine } from '../text';
import type { ResponseSettings } from './response-port';

/** Names that nothing is done to whatever the settings say: without them an account cannot be got into any more. */
const alwaysProtected = ['root', 'arn:aws*:iam::*:root', 'OrganizationAccountAccessRole', 'AWSReservedSSO_*'];

/** Whether a name or ARN is one of the protected ones; `*` stands for any characters, and letters compare without case. */
export function isProtected(settings: ResponseSettings, ...names: readonly string[]): boolean {
  const patterns = [...alwaysProtected, ...settings.protectedPrincipals].map(patternOf);
  return names.some((name) => patterns.some((pattern) => pattern.test(name.trim())));
}

function patternOf(text: string): RegExp {
  const parts = text.trim().split('*');
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('.*')}$`, 'is');
}

/** Throws InvalidInputError for a target that is protected, by any of its names. */
export function refuseProtected(settings: ResponseSettings, ...names: readonly string[]): void {
  if (!isProtected(settings, ...names)) return;
  throw new InvalidInputError(
    'target',
    `${cleanLine(names[0] ?? '', 200)} is protected: nothing is done to it from here. A person with access to the account has to decide and act.`,
    { refused: 'protected' },
  );
}

/**
 * What our own queries showed of a target. Throws InvalidInputError for one that they did not: the text of an alert, or a
 * model, names nobody into isolation.
 */
export function requireObserved(
  { id, findings }: CaseRecord,
  kinds: readonly ObservedTarget['kind'][],
  name: string,
): ObservedTarget {
  const observed = findings?.observed ?? [];
  const seen = observed.find((entry) => kinds.includes(entry.kind) && entry.name.toLowerCase() === name.toLowerCase());
  if (seen !== undefined) return seen;
  const known = observed.filter(({ kind, relation }) => kinds.includes(kind) && relation === 'acted').slice(0, 5);
  throw new InvalidInputError(
    'target',
    `${cleanLine(name, 200)} was not observed: none of the queries of case ${id} returned it, so nothing is planned for it.${
      known.length === 0 ? '' : ` Observed: ${known.map((entry) => entry.name).join(', ')}.`
    }`,
    { refused: 'not_observed' },
  );
}

/** Throws ConflictError for a case in which nothing may be changed any more. */
export function requireOpen({ id, status }: CaseRecord): void {
  if (status === 'closed')
    throw new ConflictError(`Case ${id} is closed; reopen it, or open another, before anything is changed.`, {
      status,
    });
}
