import type { CaseRecord } from '../../operations/cases';
import { probabilityText } from '../../operations/investigation/probability-text';
import { stripHidden } from '../../operations/text';
import type { InvestigationEvents, SecurityInvestigations } from './store/tables';

/** One line a case, for a terminal: titles come from alerts, so nothing in them may act on the terminal. */
export function caseLine(row: SecurityInvestigations): string {
  const columns = [
    row.id,
    row.opened_at,
    row.status.padEnd(17),
    row.severity.padEnd(8),
    (row.outcome ?? '-').padEnd(15),
  ];
  return `${columns.join('  ')}  ${oneLine(row.title)}`;
}

/** A case for a terminal: what was decided, on what evidence, what was not seen, what to do next, and how it came about. */
export function caseText(record: CaseRecord, events: readonly InvestigationEvents[], brokenAt?: number): string {
  const probability = record.probability === null ? '' : ` (probability ${probabilityText(record.probability)})`;
  const gaps = record.coverage.filter(({ status }) => status !== 'complete');
  return [
    `${record.id}  ${oneLine(record.title)}`,
    `Status     ${record.status}, severity ${record.severity}, version ${record.version}`,
    `Outcome    ${record.outcome ?? 'none yet'}${probability}`,
    ...(record.reason === null ? [] : [`Reason     ${oneLine(record.reason)}`]),
    `Alert      ${oneLine(record.alert.id)} of ${oneLine(record.alert.source)}, raised ${record.alert.created_at}`,
    `Opened     ${record.opened_at}${record.closed_at === null ? '' : `, closed ${record.closed_at}`}`,
    ...section(
      'Evidence',
      record.evidence.map((item) => `${item.id.padEnd(4)} ${signed(item.weight)}  ${oneLine(item.statement)}`),
    ),
    ...section(
      'Not seen',
      gaps.map(({ label, status, problem }) => oneLine(`${label}: ${problem ?? status}`)),
    ),
    ...section('Next', (record.findings?.next_actions ?? []).map(oneLine)),
    ...section(
      brokenAt === undefined ? 'Events (chain intact)' : `Events (CHAIN BROKEN at event ${brokenAt})`,
      events.map(({ at, type, summary }) => `${at}  ${type.padEnd(22)} ${oneLine(summary)}`),
    ),
    '',
  ].join('\n');
}

/** Records as JSON for a terminal: JSON itself lets bidirectional and C1 controls through, which are written as escapes here. */
export function caseJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[^\n\x20-\x7e]/gu, (sign) =>
    stripHidden(sign) === sign
      ? sign
      : Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
          '',
        ),
  );
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function oneLine(text: string): string {
  return stripHidden(text).replace(/\s+/g, ' ');
}

function signed(weight: number): string {
  return `${weight >= 0 ? '+' : ''}${weight.toFixed(2)}`.padStart(6);
}
