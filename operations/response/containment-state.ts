import type { CaseRecord } from '../cases';
import { containmentTargets } from './containment-targets';
import type { ResponseRecord } from './response-port';

/** What has been contained in a case, and what keeps it from being closed without a person. */
export interface ContainmentState {
  /** Responses that a second read confirmed and nobody took back. */
  verified: ResponseRecord[];
  /** Empty: everybody whom the hostile evidence is about is contained. */
  open: string[];
}

/**
 * Whether a case is contained: for each of its targets the newest response that was begun is verified, and nobody is left who
 * has to be dealt with by hand. Failed, unverified and rolled back are not contained, and no target at all is not either.
 */
export function containmentState(
  record: Pick<CaseRecord, 'evidence' | 'findings'>,
  responses: readonly ResponseRecord[],
): ContainmentState {
  const { targets, by_hand } = containmentTargets(record);
  const verified: ResponseRecord[] = [];
  const open: string[] = [];
  for (const { action, system, target } of targets) {
    const of = responses.filter((response) => isFor(response, action, system, target));
    const last = of.filter(({ status }) => status !== 'planned').at(-1);
    if (last?.status === 'verified') verified.push(last);
    else open.push(`${target} (${system}) ${last === undefined ? 'is not contained' : `is ${worded(last)}`}`);
  }
  for (const { who } of by_hand) open.push(`${who} can only be dealt with by hand`);
  if (targets.length + by_hand.length === 0) open.push('the evidence names nobody who could be contained');
  return { verified, open };
}

/** Targets are given by name or by ARN. */
export function isFor(
  response: Pick<ResponseRecord, 'action' | 'system' | 'target' | 'target_label'>,
  action: ResponseRecord['action'],
  system: ResponseRecord['system'],
  target: string,
): boolean {
  const wanted = target.trim().toLowerCase();
  const names = [response.target, response.target_label, response.target.split('/').at(-1) ?? ''];
  return (
    response.action === action && response.system === system && names.some((name) => name.toLowerCase() === wanted)
  );
}

function worded({ id, status }: ResponseRecord): string {
  return `${status.replace('_', ' ')} (${id})`;
}
