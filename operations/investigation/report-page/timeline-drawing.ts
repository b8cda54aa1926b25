import type { EvidenceItem, TimelineEntry } from '../evidence';
import { isSensitiveCall } from '../sensitive-calls';
import { tellingEvidence } from '../telling-evidence';
import { type Html, html, nothing, shortened } from './html';
import { timeAxis } from './time-axis';

const width = 1000;
const left = 190;
const right = width - 24;
const laneHeight = 34;
const mostLanes = 10;

/** How an entry is drawn: by what rests on it, because colour has to mean one thing. */
type Kind = 'hostile' | 'sensitive' | 'ordinary';

/**
 * The story as a drawing: one lane for each of the busiest principals, a mark for each entry of the time line, larger for more
 * calls, hollow where all of them failed. Everything in it stands in the table below it too.
 */
export function drawTimeline(entries: readonly TimelineEntry[], evidence: readonly EvidenceItem[]): Html {
  const dated = entries.filter(({ first_at }) => Number.isFinite(Date.parse(first_at)));
  if (dated.length === 0) return nothing;
  const kinds = kindsOf(evidence);
  const lanes = lanesOf(dated, kinds);
  const axis = timeAxis(
    dated.map(({ first_at }) => Date.parse(first_at)),
    left + 12,
    right - 12,
    92,
  );
  const bottom = 30 + lanes.length * laneHeight;
  const height = bottom + 44;
  const marks = dated
    .map((entry) => ({ entry, kind: kindOf(entry, kinds), lane: lanes.findIndex(({ holds }) => holds(entry)) }))
    // What matters is drawn last, over the rest.
    .sort((a, b) => order[a.kind] - order[b.kind]);
  return html`<svg class="drawing" viewBox="0 0 ${width} ${height}" role="img" aria-label="Time line of ${dated.length} entries">
${lanes.map(({ label, total }, index) => drawLane(label, total, 30 + index * laneHeight))}
${axis.breaks.map(({ at, leftOutMs }) => drawBreak(at, leftOutMs, bottom))}
${marks.map(({ entry, kind, lane }) => drawMark(entry, kind, axis.place(Date.parse(entry.first_at)), 30 + lane * laneHeight + laneHeight / 2))}
<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
${axis.ticks.map(({ at, time }, index) => drawTick(at, time, axis.ticks[index - 1]?.time, bottom))}
</svg>
<p class="legend"><span class="key hostile"></span>evidence of an attack rests on it <span class="key sensitive"></span>weak evidence, or a sensitive call <span class="key ordinary"></span>other <span class="key failed"></span>hollow: failed. Size: number of calls. Times in UTC; a dotted line marks a silence that is drawn short.</p>`;
}

const order: Record<Kind, number> = { ordinary: 0, sensitive: 1, hostile: 2 };

interface Lane {
  label: string;
  total: number;
  holds(entry: TimelineEntry): boolean;
}

/** The principals that hostile evidence is about first, then the busiest; what is over shares the last lane. */
function lanesOf(entries: readonly TimelineEntry[], kinds: ReadonlyMap<string, Kind>): Lane[] {
  const actors = new Map<string, { total: number; weight: number }>();
  for (const entry of entries) {
    const known = actors.get(entry.actor) ?? { total: 0, weight: 0 };
    known.total += entry.count;
    known.weight += kindOf(entry, kinds) === 'hostile' ? 1 : 0;
    actors.set(entry.actor, known);
  }
  const ranked = [...actors].sort(([a, x], [b, y]) => y.weight - x.weight || y.total - x.total || (a < b ? -1 : 1));
  const shown = ranked.length <= mostLanes ? ranked : ranked.slice(0, mostLanes - 1);
  const lanes: Lane[] = shown.map(([actor, { total }]) => ({
    label: actor,
    total,
    holds: (entry) => entry.actor === actor,
  }));
  const rest = ranked.slice(shown.length);
  if (rest.length === 0) return lanes;
  const others = new Set(rest.map(([actor]) => actor));
  const total = rest.reduce((sum, [, entry]) => sum + entry.total, 0);
  return [...lanes, { label: `${rest.length} others`, total, holds: ({ actor }) => others.has(actor) }];
}

/** How what rests on a piece of hostile evidence is drawn, by its id. */
function kindsOf(evidence: readonly EvidenceItem[]): Map<string, Kind> {
  const hostile = evidence
    .filter(({ family }) => family === 'hostile')
    .map(({ id }): [string, Kind] => [id, 'sensitive']);
  return new Map([...hostile, ...tellingEvidence(evidence).map(({ id }): [string, Kind] => [id, 'hostile'])]);
}

function kindOf(entry: TimelineEntry, kinds: ReadonlyMap<string, Kind>): Kind {
  const [service = '', name = ''] = entry.action.split(':');
  const own: Kind = isSensitiveCall(service, name) ? 'sensitive' : 'ordinary';
  const resting = entry.evidence_ids.flatMap((id) => kinds.get(id) ?? []);
  return [own, ...resting].reduce((most, kind) => (order[kind] > order[most] ? kind : most));
}

function drawLane(label: string, total: number, y: number): Html {
  const middle = y + laneHeight / 2;
  return html`<line class="lane" x1="${left}" x2="${right}" y1="${middle}" y2="${middle}"/>
<text class="lane-name" x="${left - 12}" y="${middle + 1}" text-anchor="end">${shortened(label, 24)}<title>${label}</title></text>
<text class="lane-count" x="${left - 12}" y="${middle + 13}" text-anchor="end">${total === 1 ? '1 call' : `${total} calls`}</text>
`;
}

function drawMark(entry: TimelineEntry, kind: Kind, x: number, y: number): Html {
  const radius = Math.min(13, 4.5 + Math.log2(entry.count + 1) * 1.3);
  const what = `${entry.first_at} ${entry.actor}: ${entry.action}${entry.target === null ? '' : ` ${entry.target}`} (${entry.count} × ${entry.result})${entry.evidence_ids.length === 0 ? '' : ` ${entry.evidence_ids.join(', ')}`}`;
  return html`<circle class="mark ${kind} ${entry.result}" cx="${rounded(x)}" cy="${y}" r="${rounded(radius)}"><title>${what}</title></circle>
`;
}

function drawBreak(at: number, leftOutMs: number, bottom: number): Html {
  return html`<line class="break" x1="${rounded(at)}" x2="${rounded(at)}" y1="22" y2="${bottom}"/>
<text class="break-name" x="${rounded(at)}" y="16" text-anchor="middle">${silence(leftOutMs)}</text>
`;
}

/** The date is written where it changes. */
function drawTick(at: number, time: number, before: number | undefined, bottom: number): Html {
  const text = new Date(time).toISOString();
  const isNewDay = before === undefined || new Date(before).toISOString().slice(0, 10) !== text.slice(0, 10);
  return html`<line class="axis" x1="${rounded(at)}" x2="${rounded(at)}" y1="${bottom}" y2="${bottom + 5}"/>
<text class="tick" x="${rounded(at)}" y="${bottom + 18}" text-anchor="middle">${text.slice(11, 19)}</text>
${isNewDay ? html`<text class="tick day" x="${rounded(at)}" y="${bottom + 33}" text-anchor="middle">${text.slice(0, 10)}</text>` : nothing}
`;
}

function silence(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 60) return `${Math.max(1, Math.round(minutes))} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
