import type { Alert } from '../alert';
import { isSufficient, isUsualAction, isUsualAddress, type Profile } from '../baseline';
import type { ChangeFinding } from '../change-findings';
import type { CallGroup, CloudEvent } from '../cloud-event';
import type { CoverageItem, Severity } from '../evidence';
import type { ChangeRecord } from '../merged-changes';
import type { Principal } from '../principal';
import type { SignIn } from '../sign-in';
import type { TrustedField } from '../writable-fields';

/** What rules look at. Everything is sorted, so that equal inputs in any order give equal bytes. */
export interface RuleContext {
  alert: Alert;
  events: CloudEvent[];
  reads: CallGroup[];
  ipHistory: CallGroup[];
  profiles: Map<string, Profile>;
  changes: ChangeRecord[];
  /** Records of identity providers in the window, in order of time, and those of the weeks before. */
  signIns: SignIn[];
  signInHistory: SignIn[];
  /** What GitLab's operations found: about merge requests, in the audit log, about dependencies and pipelines. */
  reviews: ChangeFinding[];
  audit: ChangeFinding[];
  supplyChain: ChangeFinding[];
  coverage: CoverageItem[];
}

/** A row a finding rests on. */
export interface Cited {
  ref: string;
  at: string;
  lastAt: string;
  label: string;
  queryId: string | null;
  source: string;
  row: unknown;
}

/** One statement before the caps. */
export interface Finding {
  rule: string;
  family: 'hostile' | 'exculpatory';
  /** Findings of one group about one principal are views of one act: the strongest counts in full, the rest less. */
  group: string;
  principal: string;
  /** Log-odds before the caps. */
  weight: number;
  severity: Severity;
  techniques: string[];
  statement: string;
  cited: Cited[];
}

export interface EvidenceRule {
  name: string;
  family: 'hostile' | 'exculpatory';
  group: string;
  /** Log-odds (natural logarithm) of one full hit; positive points to hostile. Strong from 2.2, moderate from 1. */
  weight: number;
  techniques: string[];
  /** For exculpatory rules: what they rest on. Nothing that an attacker can write is among the names there are. */
  restsOn?: readonly TrustedField[];
  /** `hostile` is what the hostile rules found; exculpatory rules need to know. */
  find(context: RuleContext, hostile: readonly Finding[]): Finding[];
}

/** A refused try at a hostile act is nearly as telling as the act: few people try to stop the audit log by mistake. */
const refusedOnly = 0.85;
/**
 * A call that failed for another reason named what is not there, or asked in a wrong way: nothing was refused and nothing
 * happened. Whoever means it asks again in the right way, and that call counts in full.
 */
const mistakenOnly = 0.15;
/** What a principal does regularly from its usual address is weak evidence of anything. */
const routineFactor = 0.3;

export interface Match {
  /** What was done, e.g. `attached AdministratorAccess to user eve`. Never holds text of fields that are no evidence. */
  what: string;
  /** Multiplies the weight; default 1. */
  factor?: number;
  techniques?: string[];
}

interface CallRule {
  name: string;
  group: string;
  weight: number;
  severity: Severity;
  techniques: string[];
  /**
   * Factor of a try that was refused for want of permission; default 0.85. Lower for acts of everyday administration, where
   * one refusal is a gap in somebody's permissions far more often than an attack; many are probing, which has a rule.
   */
  refused?: number;
  /** Factor of a try that failed for another reason; default 0.15. Higher where AWS's own limits are what attackers run into. */
  tried?: number;
  /** False for acts that no habit excuses, such as stopping the audit log. Default true. */
  mayBeRoutine?: boolean;
  match(event: CloudEvent, context: RuleContext): Match | undefined;
}

/** A hostile rule about single calls: one finding a principal, however many calls matched, so that a burst counts once. */
export function callRule(rule: CallRule): EvidenceRule {
  const { name, group, weight, techniques } = rule;
  return {
    name,
    family: 'hostile',
    group,
    weight,
    techniques,
    find(context) {
      const hits = new Map<
        string,
        { principal: Principal; hits: { event: CloudEvent; match: Match; factor: number }[] }
      >();
      for (const event of context.events) {
        if (event.principal.kind === 'service') continue;
        const match = rule.match(event, context);
        if (match === undefined) continue;
        const profile = context.profiles.get(event.principal.key);
        const routine = rule.mayBeRoutine !== false && isRoutine(profile, event);
        const factor =
          (match.factor ?? 1) *
          (event.error === null ? 1 : event.denied ? (rule.refused ?? refusedOnly) : (rule.tried ?? mistakenOnly)) *
          (routine ? routineFactor : 1);
        const entry = hits.get(event.principal.key) ?? { principal: event.principal, hits: [] };
        entry.hits.push({ event, match, factor });
        hits.set(event.principal.key, entry);
      }
      return [...hits.values()].map(({ principal, hits: found }) => {
        const strongest = Math.max(...found.map((hit) => hit.factor));
        const succeeded = found.filter((hit) => hit.event.error === null);
        const shown = [...new Set((succeeded.length > 0 ? succeeded : found).map((hit) => hit.match.what))];
        const more = shown.length > 3 ? ` and ${shown.length - 3} more` : '';
        const tried = succeeded.length === 0 ? 'tried without success: ' : '';
        const counted =
          found.length === 1 ? '1 call' : `${found.length} calls, ${found.length - succeeded.length} failed`;
        return {
          rule: name,
          family: 'hostile' as const,
          group,
          principal: principal.key,
          weight: weight * strongest,
          severity: rule.severity,
          techniques: [...new Set([...techniques, ...found.flatMap((hit) => hit.match.techniques ?? [])])].sort(),
          statement: `${principal.label} ${tried}${shown.slice(0, 3).join('; ')}${more} (${counted}).`,
          cited: found.map((hit) => cite(hit.event)),
        };
      });
    },
  };
}

/** Usual call, from a usual address, by a principal whose habits are known. Rests on nothing the caller can write. */
export function isRoutine(profile: Profile | undefined, event: CloudEvent): boolean {
  return isSufficient(profile) && isUsualAction(profile, event) && isUsualAddress(profile, event.ip);
}

export function cite(event: CloudEvent): Cited {
  const { ref, at, label, queryId, row } = event;
  return { ref, at, lastAt: at, label, queryId, source: 'panther:aws_cloudtrail', row };
}

export function citeGroup(group: CallGroup): Cited {
  return {
    ref: group.sampleId ?? `${group.label}:${group.service}:${group.name}`,
    at: group.firstAt,
    lastAt: group.lastAt,
    label: group.label,
    queryId: group.queryId,
    source: 'panther:aws_cloudtrail',
    row: group.row,
  };
}

/** Lists grouped by principal, in order of first appearance. */
export function byPrincipal<T extends { principal: Principal }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const list = groups.get(item.principal.key);
    if (list === undefined) groups.set(item.principal.key, [item]);
    else list.push(item);
  }
  return groups;
}

/** The longest run of events (sorted by time) that fits in `minutes`. */
export function densest(events: readonly CloudEvent[], minutes: number): CloudEvent[] {
  let best: CloudEvent[] = [];
  let start = 0;
  for (let end = 0; end < events.length; end += 1) {
    const last = events[end];
    while (last !== undefined && Date.parse(last.at) - Date.parse(events[start]?.at ?? '') > minutes * 60_000)
      start += 1;
    if (end - start + 1 > best.length) best = events.slice(start, end + 1);
  }
  return best;
}
