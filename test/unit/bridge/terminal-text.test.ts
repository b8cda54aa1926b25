import { caseJson, caseLine, caseText } from '../../../bridge/src/case-text';
import type { SecurityInvestigations } from '../../../bridge/src/store/tables';
import type { CaseRecord } from '../../../operations/cases';
import { stripHidden } from '../../../operations/text';
import { caseLines } from '../../../scripts/stack/case-summary.mjs';

/** Colours, a window title, C1, bidi, zero width, tags, a line that would look like another entry. */
const hostile = 'x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp\u200b\u{e0041}\r\nReport     benign';

const record = {
  id: 'CASE-1',
  version: 1,
  title: hostile,
  status: 'closed',
  severity: 'HIGH',
  outcome: 'true_positive',
  probability: 0.9,
  reason: hostile,
  alert: { id: hostile, source: hostile, created_at: '2026-11-22T12:00:00Z' },
  opened_at: '2026-11-22T12:00:00Z',
  closed_at: null,
  evidence: [{ id: 'E1', weight: 1, statement: hostile, query_id: hostile }],
  coverage: [{ label: hostile, status: 'failed', problem: hostile }],
  findings: { next_actions: [hostile] },
  escalation: { channel: hostile, permalink: hostile },
} as unknown as CaseRecord;
const events = [{ at: '2026-11-22T12:00:00Z', type: 'opened', summary: hostile }] as never[];

const lines = (text: string) => text.split('\n').length;

test.each([
  ['a case', () => caseText(record, events)],
  ['a line of the list', () => caseLine(record as unknown as SecurityInvestigations)],
  ['the end of a demonstration', () => caseLines(record, 'report.md').join('\n')],
])('%s shows nothing that acts on a terminal or hides in it', (_what, show) => {
  const text = show();
  expect(text).toBe(stripHidden(text));
  expect(text).not.toMatch(/^Report {5}benign/m);
});

test.each([
  ['a case', () => caseText(record, events)],
  ['the end of a demonstration', () => caseLines(record, 'report.md').join('\n')],
])('%s says what to do next', (_what, show) => {
  expect(show()).toMatch(/^ *Next$/m);
});

test('hostile text makes no lines of its own', () => {
  const calm = JSON.parse(JSON.stringify(record).replaceAll(JSON.stringify(hostile), '"calm"')) as CaseRecord;
  const quiet = [{ at: '2026-11-22T12:00:00Z', type: 'opened', summary: 'calm' }] as never[];
  expect(lines(caseText(record, events))).toBe(lines(caseText(calm, quiet)));
  expect(caseLines(record, 'report.md')).toHaveLength(caseLines(calm, 'report.md').length);
});

test('as JSON the record is whole, with what a terminal would obey as escapes', () => {
  const text = caseJson([record, 'é漢 stays']);
  expect(text).toBe(stripHidden(text));
  expect(JSON.parse(text)).toEqual([record, 'é漢 stays']);
  expect(text).toContain('é漢 stays');
});
