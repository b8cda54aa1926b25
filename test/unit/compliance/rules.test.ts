import { labelled, merged } from './labelled-exceptions';
import { packageOf, parameters, row } from './sample-package';

test.each(labelled.map((one) => [one.kind, one.label, one.why, one] as const))('%s, %s: %s', (kind, _l, _w, one) => {
  const { exceptions } = packageOf(one.rows, { parameters: { ...parameters, ...one.change } });
  const own = exceptions.filter((exception) => exception.kind === kind);
  expect(own).toHaveLength(one.found);
  for (const { statement, rows, population } of own) {
    expect(statement.length).toBeGreaterThan(10);
    if (population !== 'log_hours') expect(rows.length).toBeGreaterThan(0);
  }
});

test('every kind has all three labels', () => {
  const byKind = new Map<string, Set<string>>();
  for (const { kind, label } of labelled) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(label));
  for (const [kind, labels] of byKind) expect([kind, labels.size]).toEqual([kind, 3]);
});

test('the nights of a user on one local day are one lead, which cites each of its rows', () => {
  const quarter = (time: string) =>
    row('activity', { user: 'mira', account: '1', quarter: time, events: '2', changes: '0', first_at: time });
  const { exceptions } = packageOf({
    activity: [
      quarter('2026-10-05T22:00:00.000Z'),
      quarter('2026-10-06T03:00:00.000Z'),
      quarter('2026-10-06T20:00:00.000Z'),
      quarter('2026-10-06T22:15:00.000Z'),
    ],
  });
  expect(exceptions.map(({ rows }) => rows.length)).toEqual([3, 1]);
  expect(exceptions[0]?.statement).toContain('6 calls (0 of them changes) on 2026-10-06 from 2026-10-06 00:00');
});

test('text from outside is neither a formula in a file nor markup on the page', () => {
  const { files, exceptions } = packageOf({
    merge_requests: [
      merged({
        title: '=HYPERLINK("http://evil")',
        author: '@cmd',
        approved_by: '@cmd',
        project: '<script>alert(1)</script>\u202e',
      }),
    ],
  });
  const content = (name: string) => files.find((file) => file.name === name)?.content ?? '';
  expect(content('population-merge-requests.csv')).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(content('population-merge-requests.csv')).toContain(",'@cmd,");
  expect(content('exceptions.csv')).not.toMatch(/\u202e|,=|,@/);
  expect(content('report.html')).not.toContain('<script>');
  expect(content('report.html')).toContain('&lt;script&gt;');
  expect(exceptions.map(({ kind }) => kind)).toEqual(['approved_by_author']);
});
