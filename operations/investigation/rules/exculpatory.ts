import { isSufficient, isUsualAction, isUsualAddress } from '../baseline';
import { at, type CloudEvent, textOf } from '../cloud-event';
import type { ChangeRecord } from '../merged-changes';
import type { Principal } from '../principal';
import { isSensitiveCall } from '../sensitive-calls';
import { byPrincipal, type Cited, cite, citeGroup, type EvidenceRule, type Finding } from './rule';

/**
 * Evidence that there is an innocent explanation. None of it rests on what a caller can write: user agents, session
 * names, tags, commit texts and titles are not looked at. It rests on addresses, habits of 30 days, and on two
 * different people having reviewed and merged a change.
 */

function changesOf(events: readonly CloudEvent[]): CloudEvent[] {
  return events.filter(
    (event) => event.principal.kind !== 'service' && isSensitiveCall(event.service, event.name) && !event.viaService,
  );
}

/** Every sensitive call is one the principal makes regularly, and every call came from an address it uses regularly. */
export const routineWork: EvidenceRule = {
  name: 'routine_from_usual_address',
  family: 'exculpatory',
  group: 'routine',
  weight: -2,
  techniques: [],
  find(context, hostile) {
    if (!isFullyCovered(context.coverage) || hostile.some((finding) => finding.weight >= 1)) return [];
    const calls = [...context.events.filter((event) => event.principal.kind !== 'service' && !event.viaService)];
    const groups = byPrincipal(calls);
    const readers = byPrincipal(context.reads);
    const keys = [...new Set([...groups.keys(), ...readers.keys()])];
    if (keys.length === 0) return [];
    const isUsual = keys.every((key) => {
      const profile = context.profiles.get(key);
      if (!isSufficient(profile)) return false;
      const mine = groups.get(key) ?? [];
      return (
        mine.every((event) => isUsualAddress(profile, event.ip)) &&
        changesOf(mine).every((event) => isUsualAction(profile, event)) &&
        (readers.get(key) ?? []).every(
          (group) => isUsualAddress(profile, group.ip) || group.ip === '' || /amazonaws|AWS Internal/i.test(group.ip),
        )
      );
    });
    if (!isUsual) return [];
    const cited: Cited[] = [...calls.map(cite), ...context.reads.map(citeGroup)];
    const who = firstLabel(calls, context.reads);
    return [
      finding(
        'routine_from_usual_address',
        'routine',
        keys[0] ?? 'case',
        -2,
        cited,
        `${who}${keys.length > 1 ? ` and ${keys.length - 1} more` : ''} made ${calls.length} calls, all from addresses used on 3 days or more before, and every sensitive one among its habits.`,
      ),
    ];
  },
};

function firstLabel(calls: readonly { principal: Principal }[], reads: readonly { principal: Principal }[]): string {
  return calls[0]?.principal.label ?? reads[0]?.principal.label ?? 'The principal';
}

/** `jane.doe`, `Jane_Doe` and `jane.doe@example.com` are one name. */
function plainName(name: string): string {
  return (
    name
      .toLowerCase()
      .split('@')[0]
      ?.replace(/[^a-z0-9]/g, '') ?? ''
  );
}

/** How long after a merge its roll-out may still be running. */
const rollOutHours = 2;

/** A role stands for no person, so that any reviewed change of the last two hours could be meant: it counts less. */
const roleFactor = 0.6;

/**
 * Sensitive changes from the principal's usual address, made within two hours after a merge request that one person
 * wrote and another merged. For a user one of the two has to be that user; a role (of a pipeline) has no name of its
 * own, and the finding weighs less. Forks do not count.
 */
export const mergedChange: EvidenceRule = {
  name: 'reviewed_change_rolled_out',
  family: 'exculpatory',
  group: 'change_control',
  weight: -1.6,
  techniques: [],
  find(context) {
    return [...byPrincipal(changesOf(context.events)).values()].flatMap((events): Finding[] => {
      const first = events[0];
      const last = events.at(-1);
      if (first === undefined || last === undefined) return [];
      const profile = context.profiles.get(first.principal.key);
      if (!isSufficient(profile) || !events.every((event) => isUsualAddress(profile, event.ip))) return [];
      const change = context.changes.find((candidate) => explains(candidate, first, last));
      if (change === undefined) return [];
      const cited: Cited[] = [
        {
          ref: `${change.project}!${change.iid}`,
          at: change.mergedAt,
          lastAt: change.mergedAt,
          label: 'list_merge_requests',
          queryId: null,
          source: 'gitlab:merge_requests',
          row: {
            project: change.project,
            iid: change.iid,
            author: change.author,
            merged_by: change.mergedBy,
            merged_at: change.mergedAt,
          },
        },
        ...events.map(cite),
      ];
      return [
        finding(
          'reviewed_change_rolled_out',
          'change_control',
          first.principal.key,
          first.principal.kind === 'role' ? -1.6 * roleFactor : -1.6,
          cited,
          `${events.length} changes of ${first.principal.label} from its usual address followed ${change.project}!${change.iid}, written by ${change.author} and merged by ${change.mergedBy}.`,
        ),
      ];
    });
  },
};

function explains(change: ChangeRecord, first: CloudEvent, last: CloudEvent): boolean {
  const name = plainName(first.principal.name);
  const people = [plainName(change.author), plainName(change.mergedBy)];
  const merged = Date.parse(change.mergedAt);
  return (
    !change.fromFork &&
    people[0] !== people[1] &&
    (first.principal.kind === 'role' || (name.length >= 3 && people.includes(name))) &&
    merged <= Date.parse(first.at) &&
    Date.parse(last.at) - merged <= rollOutHours * 3_600_000
  );
}

/** Everything asked for was returned, there was activity, and no rule found anything that points to an attack. */
export const nothingHostile: EvidenceRule = {
  name: 'nothing_hostile_seen',
  family: 'exculpatory',
  group: 'clean',
  weight: -1.6,
  techniques: [],
  find(context, hostile) {
    const active = context.events.length + context.reads.length;
    if (active === 0 || !isFullyCovered(context.coverage) || hostile.some((item) => item.weight >= 1)) return [];
    const cited = [...context.events.map(cite), ...context.reads.map(citeGroup)];
    return [
      finding(
        'nothing_hostile_seen',
        'clean',
        'case',
        -1.6,
        cited,
        `All queries were answered in full; none of the hostile rules of moderate strength or more fired on ${active} calls and groups of calls.`,
      ),
    ];
  },
};

function isFailedSignIn(event: CloudEvent): boolean {
  return event.name === 'ConsoleLogin' && textOf(at(event.response, 'ConsoleLogin')) === 'Failure';
}

/** No call in the window could have given access, run code, moved data out or blinded anybody. */
export const nothingSensitive: EvidenceRule = {
  name: 'no_sensitive_call_seen',
  family: 'exculpatory',
  group: 'harmless',
  weight: -1.2,
  techniques: [],
  find(context, hostile) {
    const active = context.events.length + context.reads.length;
    const sensitive = context.events.some(
      (event) =>
        event.principal.kind !== 'service' && (isSensitiveCall(event.service, event.name) || isFailedSignIn(event)),
    );
    if (active === 0 || sensitive || !isFullyCovered(context.coverage)) return [];
    if (hostile.some((item) => item.weight >= 1)) return [];
    const cited = [...context.events.map(cite), ...context.reads.map(citeGroup)];
    return [
      finding(
        'no_sensitive_call_seen',
        'harmless',
        'case',
        -1.2,
        cited,
        'No call in the window gives access, runs code, moves data out or stops recording.',
      ),
    ];
  },
};

/** The data lake was asked something and answered everything. */
export function isFullyCovered(coverage: readonly { source: string; status: string }[]): boolean {
  const asked = coverage.filter((item) => item.source.startsWith('panther'));
  return asked.length > 0 && asked.every((item) => item.status === 'complete');
}

function finding(
  rule: string,
  group: string,
  principal: string,
  weight: number,
  cited: Cited[],
  statement: string,
): Finding {
  return { rule, family: 'exculpatory', group, principal, weight, severity: 'LOW', techniques: [], statement, cited };
}
