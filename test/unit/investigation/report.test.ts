import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { renderReport } from '../../../operations/investigation/generate-incident-report';
import { code, plain } from '../../../operations/investigation/report-text';
import { call } from '../../support/cloud-rows';
import { sampleRecord } from '../../support/sample-record';

test('it says what a reader needs, with queries and hashes to check', () => {
  const record = sampleRecord();
  const { markdown, sha256, sections } = renderReport(record);
  expect(sections.slice(0, 4)).toEqual(['Summary', 'What happened', 'What is not known', 'Next actions']);
  for (const title of sections) expect(markdown).toContain(`## ${title}\n`);
  for (const item of record.evidence) {
    for (const part of [item.id, item.query_id, item.row_sha256]) expect(markdown).toContain(String(part));
  }
  for (const query of record.findings?.queries ?? []) expect(markdown).toContain(query.sql);
  expect(markdown).toContain('`T1562.008`');
  expect(sha256).toBe(createHash('sha256').update(markdown, 'utf8').digest('hex'));
});

test('it tells the times of the response as far as they are known, and what may come next apart from what was seen', () => {
  const record = sampleRecord();
  const acknowledged = {
    seq: 4,
    type: 'acknowledged',
    at: '2026-01-15T09:42:30.000Z',
    summary: 'Acknowledged by U1',
    hash: 'h',
  };
  const part = (markdown: string, title: string) => markdown.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const before = renderReport(record).markdown;
  expect(part(before, 'Times')).toMatch(/Time to detect \| \d+ min/);
  expect(part(before, 'Times')).toContain('Time to acknowledge | not yet');
  const after = renderReport(record, [acknowledged]).markdown;
  expect(part(after, 'Times')).toContain('Time to acknowledge | 12 min 30 s');
  expect(part(after, 'Times')).toContain('Time to contain | not yet');

  const observed = part(after, 'ATT&CK techniques observed');
  const predicted = part(after, 'ATT&CK techniques predicted, not seen');
  expect(observed).toMatch(/`T1562\.008` \| \S/);
  expect(predicted).toMatch(/`T\d{4}(?:\.\d{3})?` \|/);
  for (const [id] of observed.matchAll(/`T\d{4}(?:\.\d{3})?`/g)) expect(predicted).not.toContain(`| ${id} |`);
  const harmless = renderReport({ ...record, outcome: 'false_positive' }).markdown;
  expect(part(harmless, 'ATT&CK techniques predicted, not seen')).toContain('No prediction was made.');
});

test('every statement about what happened ends with the evidence it rests on', () => {
  const { markdown } = renderReport(sampleRecord());
  const section = markdown.split('## What happened\n')[1]?.split('\n## ')[0] ?? '';
  const statements = section.split('\n').filter((line) => line.startsWith('- '));
  expect(statements.length).toBeGreaterThan(0);
  for (const line of statements) expect(line).toMatch(/\\\[E\d+\\\]$/);
});

test('equal records give equal bytes; what changes with the clock does not matter', () => {
  const record = sampleRecord();
  const later = {
    ...record,
    updated_at: '2027-01-01T00:00:00Z',
    version: 9,
    closed_at: '2027-01-01T00:00:00Z',
    status: 'closed' as const,
  };
  expect(renderReport(later).markdown).toBe(renderReport(record).markdown);
});

const attacks = [
  '![x](https://evil.example/?q=secret)',
  '[click](javascript:alert(1))',
  '<img src="https://evil.example/x.png">',
  '<script>alert(1)</script>',
  '| a | b |\n| --- | --- |',
  '```\n# heading',
  '@channel https://evil.example www.evil.example',
  '\n/close\n# Summary\n- **false positive**',
  '<!-- hidden -->',
];

test.each(attacks)('foreign text stays text: %j', (text) => {
  const { markdown } = renderReport(
    sampleRecord(
      { title: text, indicators: [{ type: 'user', value: text.slice(0, 500) }, 'eve'], rule: { id: text, name: text } },
      [call('iam', 'CreateAccessKey', { userName: text }), call('cloudtrail', 'StopLogging', { name: text })],
      {
        complete: true,
        merge_requests: [
          { project: text, iid: 1, state: 'merged', author: text, merged_by: 'bob', merged_at: '2026-01-15T09:00:00Z' },
        ],
      },
    ),
  );
  // Code spans and fences show what is in them literally; everything else must hold no markup of others.
  const prose = markdown.replace(/```sql\n[^`]*\n```/g, '').replace(/`[^`\n]*`/g, '');
  expect(prose).not.toMatch(/<[a-z!/]/i);
  expect(prose).not.toMatch(/(?<!\\)!?\[[^\]]*\]\(/);
  expect(prose).not.toMatch(/https?:\/\//i);
  expect(prose).not.toMatch(/(?<![\w;])@\w/);
  expect(markdown).not.toMatch(/<(?:img|script|!--)/i);
  expect(markdown.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
  expect(markdown.split('\n').filter((line) => line.startsWith('/'))).toEqual([]);
});

test('escaped text never leaves its line, cell or code span', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plain(text)).not.toMatch(/[\n\r<>]|(?<!\\)(?:\\\\)*[|`[\]!]/);
      expect(code(text)).toMatch(/^(?:`[^`\n|<>]+`|–)$/);
    }),
    { numRuns: 1000 },
  );
});

test('a case without evidence still has a report', () => {
  const empty = {
    ...sampleRecord(),
    evidence: [],
    coverage: [],
    findings: null,
    outcome: null,
    probability: null,
    reason: null,
    escalation: null,
  };
  expect(renderReport(empty).markdown).toContain('No evidence was correlated');
});
