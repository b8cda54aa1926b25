import type { CaseRecord } from '../cases';
import { bullets, code, plain, table } from './report-text';

/** How the author of an addition is named: by what the bridge authenticated. */
export function authorWords(author: string | null): string {
  return author ?? 'holder of the shared token';
}

/** What people and models added, apart from the evidence of the rules, with who and when. */
export function addedTo({ additions }: CaseRecord): string {
  const rows = additions.map(({ id, kind, text, source, scrutiny, severity, author, at }) => [
    id,
    code(at),
    plain(authorWords(author), 200),
    kind === 'note' ? 'note' : 'statement',
    plain(text, 4000),
    source === null ? '–' : plain(source, 300),
    [...(scrutiny === 'raise' ? ['a closer look'] : []), ...(severity === null ? [] : [`at least ${severity}`])].join(
      ', ',
    ) || '–',
  ]);
  return `None of this has a weight in the verdict; it can only ask for more care.\n\n${table(['Id', 'UTC', 'By', 'Kind', 'What', 'Source', 'Asks for'], rows)}`;
}

/** Alerts that joined the case, and cases it is linked with. */
export function relatedTo({ related_alerts, links }: CaseRecord): string {
  const rows = related_alerts.map(({ alert, shares, looked_at }) => [
    code(alert.created_at),
    code(alert.id),
    plain(alert.title, 200),
    alert.severity,
    shares.map((share) => code(share, 120)).join(' '),
    looked_at ? 'yes' : 'no',
  ]);
  const alerts =
    rows.length === 0
      ? 'No other alert joined.'
      : table(['Raised at', 'Alert', 'Title', 'Severity', 'Shares', 'Covered by the queries'], rows);
  const cases = bullets(
    links.map(({ case_id, reason }) => `${code(case_id)}: ${plain(reason)}`),
    'No linked case.',
  );
  return `${alerts}\n\n${cases}`;
}
