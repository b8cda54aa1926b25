import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCloudTechnique } from '../../operations/analytics/attack/cloud-techniques';
import { readTechniqueId } from '../../operations/analytics/attack/technique';
import { fieldsOf, jsonLines, type LeaveOut } from './json-lines';

export const reportsFile = 'attack/technique_reports.ndjson';
export const callsFile = 'attack/traildiscover_events.json';

/** Techniques of one report: ids of ATT&CK for enterprises, each once, sorted. Other ids are left out, retired ones replaced. */
export type Report = readonly string[];

/** Reads `{techniques}` a line. Reports without any usable technique are left out. Unless `leaveOut` is given, throws with the number of a line that is none. */
export function readReports(data: string, leaveOut?: LeaveOut): Report[] {
  return jsonLines(join(data, reportsFile), isReport, leaveOut, reportsFile).flatMap(({ techniques }) => {
    const ids = techniques.flatMap((text) => {
      const read = readTechniqueId(String(text));
      return read.kind === 'technique' ? [read.technique.id] : [];
    });
    return ids.length === 0 ? [] : [[...new Set(ids)].sort()];
  });
}

function isReport(value: unknown): value is { techniques: unknown[] } {
  return Array.isArray(fieldsOf(value).techniques);
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  }
}

/** How many parts a signature has, and how many of them two reports share that are taken for one: about nine tenths alike. */
const parts = 8;
const partsAlike = 7;

/**
 * Tells a report again without holding it, even with a technique more or less: for each of eight ways of hashing, the least
 * hash of its techniques (MinHash); two reports share about as many as their techniques overlap.
 */
export function signatureOf(report: Report): string {
  const hashes = report.map((id) => createHash('sha256').update(id).digest('hex'));
  return Array.from(
    { length: parts },
    (_, part) => hashes.map((hash) => hash.slice(part * 8, part * 8 + 4)).sort()[0] ?? '',
  ).join('');
}

/** Whether two signatures are of reports that are the same or nearly so. */
export function alike(a: string, b: string): boolean {
  let same = 0;
  for (let at = 0; at < parts * 4; at += 4) if (a.slice(at, at + 4) === b.slice(at, at + 4)) same += 1;
  return same >= partsAlike;
}

/** Whether two sets of calls are one incident told twice: four fifths of all are in both. */
export function sameIncident(a: Incident, b: Incident): boolean {
  if (a.url === b.url) return true;
  const shared = a.calls.filter((id) => b.calls.includes(id)).length;
  return shared >= 0.8 * (a.calls.length + b.calls.length - shared);
}

export interface CallRecord {
  /** `iam:CreateUser`. */
  id: string;
  techniques: string[];
  tactics: string[];
  /** Addresses of the reports on incidents in which it was seen. */
  incidents: string[];
}

export interface Incident {
  url: string;
  name: string;
  /** Call ids, sorted. */
  calls: string[];
}

/** Reads TrailDiscover's list: every call, and every incident with the calls seen in it. */
export function readCalls(data: string): { calls: CallRecord[]; incidents: Incident[] } {
  const list = parsed(readFileSync(join(data, callsFile), 'utf8'), callsFile);
  if (!Array.isArray(list)) throw new Error(`${callsFile} is no list`);
  const incidents = new Map<string, { name: string; calls: Set<string> }>();
  const calls = (list as TrailDiscoverEvent[]).map((event) => {
    const id = `${event.eventSource.replace(/\.amazonaws\.com$/, '')}:${event.eventName}`;
    for (const { link, description } of event.incidents) {
      const incident = incidents.get(link) ?? { name: description.trim(), calls: new Set<string>() };
      incident.calls.add(id);
      incidents.set(link, incident);
    }
    const techniques = [...event.mitreAttackSubTechniques, ...event.mitreAttackTechniques].flatMap((text) => {
      const read = readTechniqueId(/^T\d{4}(?:\.\d{3})?/.exec(text.trim())?.[0] ?? '');
      return read.kind === 'technique' ? [read.technique.id] : [];
    });
    return {
      id,
      techniques: ofClouds(withoutParents([...new Set(techniques)])),
      tactics: event.mitreAttackTactics.map((text) => text.slice(0, 6)).filter((tactic) => /^TA\d{4}$/.test(tactic)),
      incidents: [...new Set(event.incidents.map(({ link }) => link))],
    };
  });
  return {
    calls,
    incidents: [...incidents].map(([url, { name, calls: seen }]) => ({ url, name, calls: [...seen].sort() })),
  };
}

interface TrailDiscoverEvent {
  eventName: string;
  eventSource: string;
  mitreAttackTactics: string[];
  mitreAttackTechniques: string[];
  mitreAttackSubTechniques: string[];
  incidents: { description: string; link: string }[];
}

/** Where a sub-technique is named, its parent says nothing more. */
function withoutParents(ids: string[]): string[] {
  return ids.filter((id) => !ids.some((other) => other.startsWith(`${id}.`))).sort();
}

/** The list names techniques of other platforms beside those of clouds (a local account for an IAM user); those go. */
function ofClouds(ids: string[]): string[] {
  const cloud = ids.filter(isCloudTechnique);
  return cloud.length > 0 ? cloud : ids;
}

/**
 * How akin two calls are that were never seen together: the same service, and a technique in common, each shared among
 * all that have it, so that a service of sixty calls does not tie them all together.
 */
export function kinshipOf(calls: readonly Pick<CallRecord, 'id' | 'techniques'>[]): (a: string, b: string) => number {
  const techniques = new Map(calls.map(({ id, techniques: own }) => [id, own]));
  const perService = countBy(calls.map(({ id }) => serviceOf(id)));
  const perTechnique = countBy(calls.flatMap(({ techniques: own }) => own));
  const spread = new Map<string, number>(
    calls.map(({ id, techniques: own }) => [id, own.reduce((sum, one) => sum + (perTechnique.get(one) ?? 0), 0)]),
  );
  return (a, b) => {
    const service = serviceOf(a) === serviceOf(b) ? 1 / (perService.get(serviceOf(a)) ?? 1) : 0;
    const shared = (techniques.get(a) ?? []).filter((one) => techniques.get(b)?.includes(one)).length;
    const technique = shared === 0 ? 0 : shared / Math.sqrt((spread.get(a) ?? 1) * (spread.get(b) ?? 1));
    return service + technique / 2;
  };
}

export function serviceOf(call: string): string {
  return call.slice(0, call.indexOf(':'));
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
