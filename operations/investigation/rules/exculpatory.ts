import { isSufficient, isUsualAction, isUsualAddress } from '../baseline';
import { type Effect, effectOf } from '../call-effects';
import { at, type CloudEvent, textOf } from '../cloud-event';
import { isFullyCovered } from '../coverage';
import type { ChangeRecord } from '../merged-changes';
import { type Principal, plainName } from '../principal';
import { isSensitiveEvent } from '../sensitive-calls';
import { byPrincipal, type Cited, cite, citeGroup, type EvidenceRule, type Finding, type RuleContext } from './rule';

/**
 * Evidence that there is an innocent explanation. None of it rests on what a caller can write: user agents, session
 * names, tags, commit texts and titles are not looked at. It rests on addresses, habits of 30 days, and on two
 * different people having reviewed and merged a change.
 */

function changesOf(events: readonly CloudEvent[]): CloudEvent[] {
  return events.filter((event) => event.principal.kind !== 'service' && isSensitiveEvent(event) && !event.viaService);
}

/** Every sensitive call is one the principal makes regularly, and every call came from an address it uses regularly. */
export const routineWork: EvidenceRule = {
  name: 'routine_from_usual_address',
  family: 'exculpatory',
  group: 'routine',
  weight: -2,
  techniques: [],
  restsOn: ['principal', 'source_ip', 'api_call', 'history', 'coverage', 'hostile_findings'],
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
  restsOn: ['principal', 'source_ip', 'api_call', 'event_time', 'history', 'reviewed_merge'],
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
  restsOn: ['coverage', 'hostile_findings'],
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

/** Calls that could have given access, run code, moved data out or blinded somebody, with failed sign-ins. */
function sensitiveOf(events: readonly CloudEvent[]): CloudEvent[] {
  return events.filter(
    (event) => event.principal.kind !== 'service' && (isSensitiveEvent(event) || isFailedSignIn(event)),
  );
}

/** Everything there was to see, when it was seen in full and nothing of moderate strength speaks for an attack. */
function seenInFull(context: RuleContext, hostile: readonly Finding[]): Cited[] {
  const calm = isFullyCovered(context.coverage) && !hostile.some((item) => item.weight >= 1);
  return calm ? [...context.events.map(cite), ...context.reads.map(citeGroup)] : [];
}

/** No call in the window could have given access, run code, moved data out or blinded anybody. */
export const nothingSensitive: EvidenceRule = {
  name: 'no_sensitive_call_seen',
  family: 'exculpatory',
  group: 'harmless',
  weight: -1.2,
  techniques: [],
  restsOn: ['api_call', 'answer', 'coverage', 'hostile_findings'],
  find(context, hostile) {
    const cited = seenInFull(context, hostile);
    if (cited.length === 0 || sensitiveOf(context.events).length > 0) return [];
    const statement = 'No call in the window gives access, runs code, moves data out or stops recording.';
    return [finding('no_sensitive_call_seen', 'harmless', 'case', -1.2, cited, statement)];
  },
};

/** More refusals than this are probing, however little came of them. */
const fewRefusals = 2;

/**
 * There were sensitive calls, and by what AWS answered none of them opened anything: they failed, or they close and
 * record. A try is still a try, so that more than two refusals do not count as harmless.
 */
export const nothingTookEffect: EvidenceRule = {
  name: 'sensitive_calls_without_effect',
  family: 'exculpatory',
  group: 'harmless',
  weight: -1.2,
  techniques: [],
  restsOn: ['api_call', 'answer', 'effective_parameters', 'coverage', 'hostile_findings'],
  find(context, hostile) {
    const cited = seenInFull(context, hostile);
    const sensitive = sensitiveOf(context.events);
    const effects = sensitive.map((event) => effectOfAny(event, context.events));
    const refused = effects.filter((effect) => effect === 'denied').length;
    if (cited.length === 0 || sensitive.length === 0 || refused > fewRefusals) return [];
    if (effects.some((effect) => effect === 'open' || effect === 'contained')) return [];
    const guarding = effects.filter((effect) => effect === 'guarding').length;
    return [
      finding(
        'sensitive_calls_without_effect',
        'harmless',
        'case',
        -1.2,
        sensitive.map(cite),
        `Of ${sensitive.length} sensitive calls ${sensitive.length - guarding} failed and ${guarding} close, protect or record something; none opened anything.`,
      ),
    ];
  },
};

/** There were sensitive calls, and what they made stays within the account and gives nobody rights over others. */
export const changesContained: EvidenceRule = {
  name: 'sensitive_calls_contained',
  family: 'exculpatory',
  group: 'harmless',
  weight: -0.7,
  techniques: [],
  restsOn: ['principal', 'api_call', 'answer', 'effective_parameters', 'coverage', 'hostile_findings'],
  find(context, hostile) {
    const cited = seenInFull(context, hostile);
    const sensitive = sensitiveOf(context.events);
    const effects = sensitive.map((event) => effectOfAny(event, context.events));
    const contained = effects.filter((effect) => effect === 'contained').length;
    const refused = effects.filter((effect) => effect === 'denied').length;
    if (cited.length === 0 || contained === 0 || effects.includes('open') || refused > fewRefusals) return [];
    return [
      finding(
        'sensitive_calls_contained',
        'harmless',
        'case',
        -0.7,
        sensitive.map(cite),
        `${contained} of ${sensitive.length} sensitive calls made or changed things that stay within the account and give nobody rights over others; the rest failed or close something.`,
      ),
    ];
  },
};

function effectOfAny(event: CloudEvent, events: readonly CloudEvent[]): Effect {
  return isFailedSignIn(event) ? 'denied' : effectOf(event, events);
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
