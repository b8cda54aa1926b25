import { createHash } from 'node:crypto';
import { serviceInstant } from '../../instant';
import type { Entity } from '../../investigation/alert';
import { formatProblem, guessEntityType, uniqueEntities } from '../../investigation/indicators';
import { cleanLine } from '../../text';
import type { Hunt, HuntWindow } from '../hunts/hunt';
import type { HuntFinding } from './hunt-schedule-port';

type Row = Readonly<Record<string, unknown>>;

/** What one actor does within a day of its beginning is one finding, however many windows see it. */
export const findingMs = 24 * 3_600_000;
const mostRows = 10;
const mostEntities = 50;

/** A finding and the rows of this run that belong to it. */
export interface SeenFinding {
  finding: HuntFinding;
  rows: Row[];
  /** It was not known before this run. */
  isNew: boolean;
  /** It was known, and goes on further than it did. */
  hasGrown: boolean;
  /** The finding of the same actor before this one, if there is one. */
  previous: HuntFinding | undefined;
}

/**
 * Joins the rows of a hunt with the findings that are known: a row belongs to the finding of the same actor within whose
 * span it lies, or that began less than a day before or after it; any other row begins a new one. The same rows in any
 * order, and the same calls seen again through the next window, give the same findings.
 */
export function joinRows(hunt: Hunt, rows: readonly Row[], window: HuntWindow, known: readonly HuntFinding[]) {
  const seen = new Map<string, SeenFinding>();
  const findings = [...known];
  const spans = rows
    .map((row) => ({ row, ...spanOf(row, window) }))
    .sort((a, b) => a.first - b.first || a.last - b.last || compare(a.actor, b.actor));
  for (const { row, actor, first, last } of spans) {
    const own = findings.filter((finding) => finding.actor === actor);
    let finding = belongsTo(own, first, last);
    const isNew = finding === undefined;
    if (finding === undefined) {
      finding = newFinding(hunt.name, actor, first, last);
      findings.push(finding);
    }
    const entry = seen.get(finding.alert_id) ?? {
      finding,
      rows: [],
      isNew,
      hasGrown: false,
      previous: own.at(-1) === finding ? own.at(-2) : own.at(-1),
    };
    seen.set(finding.alert_id, entry);
    entry.rows.push(row);
    const grown = {
      ...entry.finding,
      first_at: iso(Math.min(first, Date.parse(entry.finding.first_at))),
      last_at: iso(Math.max(last, Date.parse(entry.finding.last_at))),
    };
    if (!entry.isNew && grown.last_at !== entry.finding.last_at) entry.hasGrown = true;
    findings[findings.indexOf(entry.finding)] = grown;
    entry.finding = grown;
  }
  return [...seen.values()];
}

function belongsTo(findings: readonly HuntFinding[], first: number, last: number): HuntFinding | undefined {
  const within = findings.find(({ first_at, last_at }) => first >= Date.parse(first_at) && last <= Date.parse(last_at));
  if (within !== undefined) return within;
  const distance = ({ anchor_at }: HuntFinding) => Math.abs(first - Date.parse(anchor_at));
  return findings.filter((finding) => distance(finding) < findingMs).sort((a, b) => distance(a) - distance(b))[0];
}

function newFinding(hunt: string, actor: string, first: number, last: number): HuntFinding {
  const key = createHash('sha256')
    .update(JSON.stringify([hunt, actor, iso(first)]))
    .digest('hex')
    .slice(0, 20);
  return {
    alert_id: `${hunt}-${key}`,
    hunt,
    actor,
    anchor_at: iso(first),
    first_at: iso(first),
    last_at: iso(last),
    case_id: null,
  };
}

/** Who, from when to when. A row without times that can be read lies somewhere in the window, so it spans all of it. */
function spanOf(row: Row, window: HuntWindow): { actor: string; first: number; last: number } {
  const actor = text(row, 'actor') ?? 'unknown';
  const first = serviceInstant(text(row, 'first_at'));
  const last = serviceInstant(text(row, 'last_at'));
  if (!(first <= last)) return { actor, first: Date.parse(window.from), last: Date.parse(window.to) };
  return { actor, first, last };
}

/** Columns by any case of letters: Snowflake gives names in capitals. */
function text(row: Row, name: string): string | null {
  const key = Object.keys(row).find((own) => own.toLowerCase() === name);
  const value = key === undefined ? null : row[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? cleanLine(value, 500) : null;
}

/** Columns that name somebody or something to ask for. */
const entityColumns = ['actor', 'target', 'source_ip', 'access_key', 'role_arn', 'from_account'];

function entitiesOf(rows: readonly Row[]): Entity[] {
  const found = rows.flatMap((row) =>
    entityColumns.flatMap((column): Entity[] => {
      const value = text(row, column);
      if (value === null || value === 'unknown') return [];
      const type = guessEntityType(value);
      return [{ type: formatProblem(type, value) === undefined ? type : 'other', value }];
    }),
  );
  return uniqueEntities(found).slice(0, mostEntities);
}

/** The alert that the case of a finding is opened from, in the shape that open_case and investigate_alert take. */
export function alertOf(hunt: Hunt, seen: SeenFinding, queryId: string | null): Record<string, unknown> {
  const { finding, rows, previous } = seen;
  const calls = rows.reduce((sum, row) => sum + (Number(text(row, 'calls')) || 0), 0);
  return {
    id: finding.alert_id,
    source: 'hunt',
    severity: hunt.severity,
    // The queries of an investigation look at the hours around this moment.
    timestamp: finding.last_at,
    title: cleanLine(`${hunt.title}: ${shortName(finding.actor)}`, 300),
    description: [
      `Hunt ${hunt.name}: ${hunt.hypothesis}`,
      `${calls} calls between ${finding.first_at} and ${finding.last_at}, query ${queryId ?? 'unknown'}.`,
      ...rows.slice(0, mostRows).map((row) => `- ${rowText(row)}`),
      ...(rows.length > mostRows ? [`- and ${rows.length - mostRows} rows more`] : []),
      `The same in daily work: ${hunt.noise}`,
      ...(previous?.case_id == null ? [] : [`The same hunt found the same actor before: ${previous.case_id}.`]),
    ].join('\n'),
    rule: { id: hunt.name, name: hunt.title },
    indicators: entitiesOf(rows),
    tags: ['hunt', ...hunt.techniques],
  };
}

/** One row in words, without what the lines around it say already. */
export function rowText(row: Row): string {
  const parts = Object.keys(row)
    .filter((name) => !['actor', 'in_hour'].includes(name.toLowerCase()))
    .flatMap((name) => {
      const value = text(row, name.toLowerCase());
      return value === null ? [] : [`${name.toLowerCase()} ${value}`];
    });
  return cleanLine(parts.join(', '), 600);
}

function shortName(actor: string): string {
  return actor.split(/[:/]/).at(-1) || actor;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
