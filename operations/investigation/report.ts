import { techniqueNamed } from '../analytics/attack/technique';
import type { CaseHistoryEntry, CaseRecord } from '../cases';
import { oddities } from './alert-coverage';
import { sha256 } from './canonical-json';
import { caseTimes, duration } from './case-times';
import type { EvidenceItem } from './evidence';
import { predictedTechniques } from './exports/predicted-techniques';
import { probabilityText } from './probability-text';
import { addedTo, relatedTo } from './report-additions';
import { bullets, code, plain, table } from './report-text';

export interface Report {
  markdown: string;
  /** SHA-256 of the Markdown in UTF-8, hex. */
  sha256: string;
  sections: string[];
}

const outcomeWords = {
  true_positive: 'true positive',
  benign_positive: 'benign positive',
  false_positive: 'false positive',
  needs_review: 'needs review',
} as const;

/**
 * The incident report of a case as Markdown: one page to read, then what it rests on. Every sentence about what
 * happened ends with evidence ids; equal records give equal bytes; all foreign text is escaped. Sections
 * follow NIST SP 800-61r3 (Detect, Respond) in the order people need them.
 */
export function renderReport(record: CaseRecord, history: readonly CaseHistoryEntry[] = []): Report {
  const sections: [string, string][] = [
    ['Summary', summary(record)],
    ['What happened', happened(record)],
    ['What is not known', unknown(record)],
    [
      'Next actions',
      bullets(
        (record.findings?.next_actions ?? []).map((step) => plain(step)),
        'None.',
      ),
    ],
    ['Times', times(record, history)],
    ['Timeline', timeline(record)],
    ['Entities', entities(record)],
    ['Evidence', evidence(record)],
    ...(record.additions.length === 0 ? [] : [['Added by people and models', addedTo(record)] as [string, string]]),
    ...(record.related_alerts.length + record.links.length === 0
      ? []
      : [['Related alerts and cases', relatedTo(record)] as [string, string]]),
    ['ATT&CK techniques observed', techniques(record)],
    ['ATT&CK techniques predicted, not seen', predicted(record)],
    ['Escalation', escalation(record)],
    ['Containment', containment(history)],
    ['Coverage', coverage(record)],
    ['How to check this again', recheck(record)],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n');
  const markdown = `# Incident report ${code(record.id)}\n\nAlert: ${plain(record.title, 300)}\n\n${body}`;
  return { markdown, sha256: sha256(markdown), sections: sections.map(([title]) => title) };
}

function summary({ outcome, severity, probability, reason, alert, findings, closed_by }: CaseRecord): string {
  const rule = alert.rule === null ? '–' : plain(alert.rule.name || alert.rule.id);
  const rows = [
    ['Outcome', outcome === null ? 'not decided' : `**${outcomeWords[outcome]}**`],
    ['Severity', severity],
    ['Probability of a true positive', probability === null ? 'unknown' : probabilityText(probability)],
    ['Why', reason === null ? 'No evidence was correlated.' : plain(reason, 1500)],
    ...(closed_by === null ? [] : [['Closed by', plain(closed_by)]]),
    ['Changes if', (findings?.verdict.would_flip_if ?? []).map((item) => plain(item, 500)).join(' ') || '–'],
    ['Alert', `${code(alert.id)} from ${code(alert.source)}, tenant ${code(alert.tenant)}`],
    ['Raised at', code(alert.created_at)],
    ['Rule', rule],
    ['Prior', plain(findings?.verdict.prior.basis ?? '–')],
  ];
  return table(['', ''], rows);
}

function cited(item: EvidenceItem): string {
  return `${plain(item.statement)} \\[${item.id}\\]`;
}

function happened({ evidence: items }: CaseRecord): string {
  const hostile = items.filter((item) => item.family === 'hostile');
  const innocent = items.filter((item) => item.family === 'exculpatory');
  const against = bullets(hostile.map(cited), 'Nothing that points to an attack was found.');
  return innocent.length === 0
    ? against
    : `${against}\n\nWhat speaks for an innocent explanation:\n\n${bullets(innocent.map(cited), '')}`;
}

function unknown({ alert, findings }: CaseRecord): string {
  const none = 'Every question that was asked was answered in full. Logs that were not asked are not covered.';
  const gaps = [...(findings?.verdict.not_seen ?? ['No evidence was correlated.']), ...oddities(alert)];
  return bullets(
    gaps.map((item) => plain(item)),
    none,
  );
}

function timeline({ findings }: CaseRecord): string {
  const entries = findings?.timeline ?? [];
  if (entries.length === 0) return 'No events.';
  const rows = entries.map((entry) => [
    code(
      entry.count > 1 && entry.last_at !== entry.first_at ? `${entry.first_at} to ${entry.last_at}` : entry.first_at,
    ),
    plain(entry.actor, 200),
    code(entry.action),
    entry.target === null ? '–' : code(entry.target),
    entry.source_ip === null ? '–' : code(entry.source_ip),
    `${entry.count > 1 ? `${entry.count} × ` : ''}${entry.result}`,
    entry.evidence_ids.join(', ') || '–',
  ]);
  return table(['UTC', 'Who', 'Action', 'Target', 'From', 'Result', 'Evidence'], rows);
}

/**
 * The times that response is measured by. When the case was closed is not among them: a closed case keeps the report it was closed
 * with, so its own end cannot stand in it.
 */
function times(record: CaseRecord, history: readonly CaseHistoryEntry[]): string {
  const rows = caseTimes(record, history)
    .filter(({ name }) => name !== 'Time to resolve')
    .map(({ name, meaning, to, seconds }) => [name, to === null ? 'not yet' : duration(seconds), meaning]);
  return table(['Measure', 'Time', 'What is measured'], rows);
}

function entities({ alert }: CaseRecord): string {
  const rows = alert.entities.slice(0, 50).map((entity) => [entity.type, code(entity.value)]);
  const more = alert.entities.length > 50 ? `\n\n${alert.entities.length - 50} more are in the case.` : '';
  return rows.length === 0 ? 'The alert names none.' : table(['Type', 'Value'], rows) + more;
}

function evidence({ evidence: items }: CaseRecord): string {
  if (items.length === 0) return 'None.';
  const rows = items.map((item) => [
    item.id,
    item.family,
    code(item.rule),
    item.weight.toFixed(2),
    item.strength,
    code(item.query_label),
    code(item.query_id),
    item.row_refs
      .slice(0, 3)
      .map((ref) => code(ref, 80))
      .join(' ') + (item.row_refs.length > 3 ? ` +${item.row_refs.length - 3}` : ''),
    code(item.row_sha256),
  ]);
  const head = ['Id', 'Family', 'Rule', 'Weight', 'Strength', 'Query', 'Query id', 'Rows', 'SHA-256 of the rows'];
  return `Weights are log-odds after the caps; positive points to an attack.\n\n${table(head, rows)}`;
}

function techniques({ evidence: items }: CaseRecord): string {
  const byId = new Map<string, string[]>();
  for (const item of items.filter(({ family }) => family === 'hostile')) {
    for (const id of item.techniques) byId.set(id, [...(byId.get(id) ?? []), item.id]);
  }
  const rows = [...byId]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, ids]) => [code(id), techniqueNamed(id)?.name ?? '–', ids.join(', ')]);
  return rows.length === 0 ? 'None.' : table(['Technique', 'Name', 'Evidence'], rows);
}

/** What may come next, by public reports; nothing of it was seen, and none of it weighs in the verdict. */
function predicted(record: CaseRecord): string {
  const list = predictedTechniques(record);
  if (list === null) return 'No prediction was made.';
  if (list.length === 0) return 'Too little was observed to say what might come next.';
  const rows = list.map(({ id, name, confidence, because }) => [
    code(id),
    name,
    confidence === null ? 'too little data' : `${Math.round(confidence * 100)} %`,
    because,
  ]);
  return table(['Technique', 'Name', 'Such predictions that came true', 'Why'], rows);
}

function escalation({ escalation: sent }: CaseRecord): string {
  if (sent === null) return 'Nobody was told in Slack.';
  return `Slack channel ${code(sent.channel)}, message ${code(sent.ts)}${sent.permalink === null ? '' : `, at ${code(sent.permalink)}`}.`;
}

/** Events of the case that tell what people were asked, what they said, and what was changed or taken back. */
export const containmentKinds = /^(?:approval_|response_)/;

function containment(history: readonly CaseHistoryEntry[]): string {
  const entries = history.filter(({ type }) => containmentKinds.test(type));
  if (entries.length === 0) return 'Nothing was changed, and nobody was asked to.';
  const rows = entries.map(({ at, type, summary: what }) => [code(at), type.replace(/_/g, ' '), plain(what, 1000)]);
  return table(['UTC', 'Event', 'What'], rows);
}

function coverage({ coverage: items }: CaseRecord): string {
  if (items.length === 0) return 'Nothing was asked.';
  const rows = items.map((item) => [
    code(item.label),
    code(item.source),
    item.status,
    item.rows === null ? '–' : String(item.rows),
    code(item.query_id),
    item.ran_at === undefined ? '–' : plain(item.ran_at),
    item.problem === null ? '–' : plain(item.problem),
  ]);
  return table(['Asked', 'Source', 'Status', 'Rows', 'Query id', 'Ran at', 'Problem'], rows);
}

function recheck({ findings, coverage: items }: CaseRecord): string {
  const queries = findings?.queries ?? [];
  const ids = new Map(items.map((item) => [item.label, item.query_id]));
  const how =
    'Open a query by its id in Panther, or run its SQL again. The hash of the rows is SHA-256 over the rows that the evidence cites, each as canonical JSON (RFC 8785), sorted, in one list.';
  return [
    how,
    ...queries.map((query) => queryBlock(query.label, query.purpose, query.sql, ids.get(query.label) ?? null)),
  ].join('\n\n');
}

function queryBlock(label: string, purpose: string, sql: string, id: string | null): string {
  const head = `${code(label)} (${code(id)}): ${plain(purpose)} SHA-256 of the SQL: ${code(sha256(sql))}.`;
  // Names in an alert may look like tags or fences; such a query is left to its hash and id.
  return /[`]|<[a-z!/?]/i.test(sql)
    ? `${head}\n\nIts text is in the case only.`
    : `${head}\n\n\`\`\`sql\n${sql}\n\`\`\``;
}
