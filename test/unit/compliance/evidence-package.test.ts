import type { EvidencePackage, PackageSource } from '../../../operations/compliance/evidence-package';
import { choosePeriod } from '../../../operations/compliance/period';
import { merged } from './labelled-exceptions';
import { everyHour, october, packageOf, parameters, row, sourceOf } from './sample-package';

const control = (made: ReturnType<typeof packageOf>, name: string) =>
  made.manifest.controls.find((one) => one.control === name);
const withQuery = (id: string, change: object): Partial<PackageSource> => ({
  queries: sourceOf({}).queries.map((query) => (query.id === id ? { ...query, ...change } : query)),
});

test('is complete when everything was read, and the same source gives the same bytes', () => {
  const [one, other] = [packageOf({}), packageOf({})];
  expect(one.manifest).toMatchObject({ status: 'COMPLETE', reasons: [] });
  expect(other.files).toEqual(one.files);
  expect(one.manifest.package_id).toBe('sox_2026-10-01_2026-10-31_20261105T060000000Z');
});

test('the page is headed by its days', () => {
  const heading = (one: EvidencePackage) =>
    /<h1>(.*)<\/h1>/.exec(one.files.find(({ name }) => name === 'report.html')?.content ?? '')?.[1];
  expect(heading(packageOf({}))).toBe('2026-10-01 to 2026-10-31');
  const day = choosePeriod(new Date('2026-11-05T00:00:00Z'), { zone: 'Europe/Berlin', period: 'previous_day' });
  expect(heading(packageOf({}, { period: day }))).toBe('2026-11-04');
});

test('nothing to look at is no success', () => {
  const made = packageOf({});
  expect(control(made, 'access_root')).toMatchObject({ state: 'tested', result: 'no_cases', cases: 0 });
  expect(control(made, 'operations_log_gaps')).toMatchObject({ state: 'tested', result: 'nothing_found', cases: 745 });
});

test('a log that gave nothing at all tests nothing', () => {
  const made = packageOf({ log_hours: [] });
  expect(made.manifest.status).toBe('INCOMPLETE');
  expect(control(made, 'access_root')).toMatchObject({ state: 'not_tested', result: 'unknown' });
  expect(control(made, 'access_failed')).toMatchObject({ state: 'not_tested', result: 'unknown' });
  expect(control(made, 'operations_log_gaps')).toMatchObject({ state: 'tested', result: 'exceptions', exceptions: 1 });
  expect(made.manifest.reasons.join()).toContain('nothing of aws_cloudtrail was received in the whole period');
});

test('what could not be read is not tested, and the reason is told', () => {
  const made = packageOf(
    {},
    withQuery('gitlab.merge_requests', { rows: null, complete: false, problem: 'GitLab refused it.' }),
  );
  expect(made.manifest.status).toBe('INCOMPLETE');
  expect(made.manifest.reasons).toEqual([
    'Merged merge requests could not be read: gitlab.merge_requests: GitLab refused it.',
  ]);
  expect(control(made, 'change_segregation_of_duties')).toMatchObject({ state: 'not_tested', result: 'unknown' });
  expect(control(made, 'change_direct_push')).toMatchObject({ state: 'tested' });
});

test('what was cut is partly tested', () => {
  const made = packageOf(
    { merge_requests: [merged({ approved_by: '' })] },
    withQuery('gitlab.merge_requests', { rows: 1, complete: false, problem: 'cut after 1 row' }),
  );
  expect(made.manifest.status).toBe('INCOMPLETE');
  expect(control(made, 'change_segregation_of_duties')).toMatchObject({ state: 'partly_tested', result: 'exceptions' });
});

test('rows that could not be judged keep a control from being tested in full', () => {
  const made = packageOf({
    merge_requests: [merged({ approval_data: 'unavailable', approved_by: '', approval_times: 'none' })],
  });
  expect(made.manifest.status).toBe('INCOMPLETE');
  expect(control(made, 'change_segregation_of_duties')?.why).toEqual([
    'Not judged: 1 merge request whose approvals or commits could not be read.',
  ]);
  const times = packageOf({ merge_requests: [merged({ approval_times: 'unknown', last_approved_at: '' })] });
  expect(control(times, 'change_approval_before_last_change')).toMatchObject({ state: 'partly_tested' });
  expect(control(times, 'change_segregation_of_duties')).toMatchObject({ state: 'tested', result: 'nothing_found' });
});

test('a count that differs from the rows is told', () => {
  const source = sourceOf({});
  const counted = new Map([...source.counted, ['root/aws_cloudtrail', 3]]);
  const { manifest } = packageOf({}, { counted });
  expect(manifest.populations.find(({ name }) => name === 'root')).toMatchObject({
    state: 'partial',
    events: 0,
    expected_events: 3,
    reconciled: false,
  });
  expect(manifest.status).toBe('INCOMPLETE');
});

test('a period that is not over is incomplete, and what has not happened is no gap', () => {
  const to = { from: october.from, to: '2026-10-20T12:00:00.000Z' };
  const { manifest } = packageOf({ log_hours: everyHour(to) }, { madeAt: new Date('2026-10-20T12:30:00Z') });
  expect(manifest.reasons[0]).toMatch(/^The period was not over/);
  expect(manifest.controls.find((one) => one.control === 'operations_log_gaps')?.exceptions).toBe(0);
});

test('a log in scope without any hour beside one that has them is a gap of its own', () => {
  const { exceptions } = packageOf({}, { parameters: { ...parameters, logs: ['aws_cloudtrail', 'okta_systemlog'] } });
  expect(exceptions).toMatchObject([{ kind: 'log_gap', subject: 'okta_systemlog', rows: [] }]);
});

test('a broken chain is said on top', () => {
  const chain = 'BROKEN CHAIN: the package before it does not hold: exceptions.csv was changed';
  const { manifest } = packageOf({}, { chain });
  expect(manifest).toMatchObject({ status: 'INCOMPLETE', reasons: [chain] });
});

test('exceptions cite the query and the rows by their hash', () => {
  const { files } = packageOf({
    root: [row('root', { time: '2026-10-06T10:00:00.000Z', account: '1', action: 'a:B' })],
  });
  const content = (name: string) => files.find((file) => file.name === name)?.content ?? '';
  const [, line = ''] = content('population-root.csv').split('\r\n');
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const hash = createHash('sha256').update(line).digest('hex');
  expect(content('exceptions.csv')).toContain(`query-aws_cloudtrail.root,1,${hash}`);
  expect(content('exception-rows.csv')).toContain(`E-0001,population-root.csv,${hash}`);
});
