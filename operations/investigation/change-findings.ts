import { cleanLine, cleanText } from '../text';
import { at, isObject, type JsonObject, objectOf, textOf, utcTime } from './cloud-event';
import { isNotAvailable } from './coverage';
import type { CoverageItem } from './evidence';
import { compare, errorText } from './observations';

/** Something that GitLab's operations found about a change or a setting, with who stands behind it. */
export interface ChangeFinding {
  /** Code of the finding, category of the audit event, or signal of the supply chain. */
  code: string;
  severity: string;
  /** It rests on texts that whoever commits can write. */
  uncertain: boolean;
  /** User names, as GitLab gives them. */
  people: string[];
  /** `group/project!12`, or the entity of an audit event. */
  where: string;
  at: string;
  /** For audit events: the setting with its values. */
  change: { name: string; from: string; to: string; target: string } | null;
  ref: string;
  source: string;
  row: unknown;
}

interface Read {
  findings: ChangeFinding[];
  coverage: CoverageItem[];
}

const nothing: Read = { findings: [], coverage: [] };

function bodyOf(answer: unknown): JsonObject {
  const outer = objectOf(answer);
  return isObject(outer.json) && outer.findings === undefined ? outer.json : outer;
}

function coverageOf(label: string, body: JsonObject, rows: number): CoverageItem {
  const item = (status: CoverageItem['status'], problem: string | null): CoverageItem => ({
    label,
    source: 'gitlab',
    status,
    query_id: null,
    rows: status === 'complete' || status === 'truncated' ? rows : null,
    problem: problem === null ? null : cleanText(problem, 1000),
  });
  const availability = textOf(body.availability);
  if (body.error !== undefined && body.error !== null) {
    const code = isObject(body.error) ? body.error.code : undefined;
    return item(isNotAvailable(code) ? 'not_available' : 'failed', errorText(body.error));
  }
  if (availability !== null && availability !== 'available')
    return item('not_available', textOf(body.availability_reason) ?? availability.replaceAll('_', ' '));
  return body.complete === false
    ? item('truncated', 'There is more than was returned, or something could not be read.')
    : item('complete', null);
}

function names(...values: unknown[]): string[] {
  return [...new Set(values.map((value) => cleanLine(textOf(value) ?? '', 200)).filter((name) => name !== ''))];
}

function sorted(findings: ChangeFinding[]): ChangeFinding[] {
  return findings.sort((a, b) => compare(a.at, b.at) || compare(`${a.ref} ${a.code}`, `${b.ref} ${b.code}`));
}

function notReviewed(count: number): CoverageItem {
  const problem = `${count} more merge requests of the window were merged and not reviewed; those of people and projects of the alert, and the latest before it, were.`;
  return { label: 'gitlab_reviews_left', source: 'gitlab', status: 'truncated', query_id: null, rows: null, problem };
}

/** Findings of review_merge_request_and_pipeline, for any number of merge requests. Never throws. */
export function readReviews(answers: readonly unknown[] | undefined, leftOut = 0): Read {
  if (answers === undefined) return nothing;
  const coverage: CoverageItem[] = leftOut > 0 ? [notReviewed(leftOut)] : [];
  const findings = answers.slice(0, 100).flatMap((answer) => {
    const body = bodyOf(answer);
    const list = Array.isArray(body.findings) ? body.findings.filter(isObject) : [];
    const mr = objectOf(body.merge_request);
    const where = `${cleanLine(textOf(mr.project) ?? '', 200)}!${cleanLine(textOf(mr.iid) ?? '', 20)}`;
    const item = coverageOf('gitlab_reviews', body, list.length);
    if (item.status !== 'complete' || coverage.length === 0) coverage.push(item);
    return list.map((found) => ({
      code: cleanLine(textOf(found.code) ?? '', 60),
      severity: textOf(found.severity) ?? 'low',
      uncertain: textOf(found.certainty) === 'possible',
      people: names(mr.author, mr.merged_by),
      where,
      at: utcTime(mr.merged_at ?? mr.updated_at ?? mr.created_at),
      change: null,
      ref: where,
      source: 'gitlab:merge_requests',
      row: { where, code: found.code, severity: found.severity, certainty: found.certainty },
    }));
  });
  return { findings: sorted(findings), coverage: coverage.slice(0, 3) };
}

const badness: readonly CoverageItem['status'][] = ['complete', 'not_available', 'not_run', 'truncated', 'failed'];

/** One item for several answers about the same thing: the worst of them, with all rows. */
function worst(reads: readonly Read[]): CoverageItem[] {
  const items = reads.flatMap(({ coverage }) => coverage);
  const [first] = [...items].sort((a, b) => badness.indexOf(b.status) - badness.indexOf(a.status));
  const rows = items.map((item) => item.rows).filter((count): count is number => count !== null);
  return first === undefined ? [] : [{ ...first, rows: rows.length === 0 ? null : rows.reduce((a, b) => a + b, 0) }];
}

/** Audit events of one or several answers of list_audit_events that changed who can bring in what. Never throws. */
export function readAudit(answer: unknown): Read {
  if (answer === undefined || answer === null) return nothing;
  if (Array.isArray(answer)) {
    const reads = answer.slice(0, 20).map(readAudit);
    return { findings: sorted(reads.flatMap(({ findings }) => findings)), coverage: worst(reads) };
  }
  const body = bodyOf(answer);
  const list = Array.isArray(body.audit_events) ? body.audit_events.filter(isObject) : [];
  const findings = list.slice(0, 1000).flatMap((event): ChangeFinding[] => {
    const code = textOf(event.category);
    if (code === null) return [];
    const line = (value: unknown) => cleanLine(textOf(value) ?? '', 200);
    return [
      {
        code: cleanLine(code, 60),
        severity: 'medium',
        uncertain: textOf(event.event_type) === null,
        people: names(at(event, 'author', 'name'), line(at(event, 'author', 'email'))),
        where: line(at(event, 'entity', 'path')),
        at: utcTime(event.created_at),
        change: {
          name: `${line(event.event_type)} ${line(event.change)}`.trim().toLowerCase(),
          from: line(event.from).toLowerCase(),
          to: line(event.to).toLowerCase(),
          target: line(at(event, 'target', 'type')),
        },
        ref: `audit event ${line(event.id)}`,
        source: 'gitlab:audit_events',
        row: event,
      },
    ];
  });
  return { findings: sorted(findings), coverage: [coverageOf('gitlab_audit_events', body, list.length)] };
}

/** Signals of monitor_supply_chain_changes, one of a kind for each change. Never throws. */
export function readSupplyChain(answer: unknown): Read {
  if (answer === undefined || answer === null) return nothing;
  const body = bodyOf(answer);
  const list = Array.isArray(body.changes) ? body.changes.filter(isObject) : [];
  const findings = list.slice(0, 500).flatMap((change) => {
    const where = cleanLine(textOf(change.id) ?? '', 250);
    const signals = (Array.isArray(change.signals) ? change.signals : []).filter(isObject);
    return signals.map((signal) => ({
      code: cleanLine(textOf(signal.signal) ?? '', 60),
      severity: textOf(signal.severity) ?? 'low',
      uncertain: false,
      people: names(change.author, change.merged_by),
      where,
      at: utcTime(change.merged_at),
      change: null,
      ref: where,
      source: 'gitlab:supply_chain',
      row: { where, signal: signal.signal, severity: signal.severity, count: signal.count },
    }));
  });
  return { findings: sorted(findings), coverage: [coverageOf('gitlab_supply_chain', body, list.length)] };
}
