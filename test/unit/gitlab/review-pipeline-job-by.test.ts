import fc from 'fast-check';
import { reviewPipelineJob } from '../../../operations/gitlab/review-pipeline-job';
import { readTrace } from '../../../operations/gitlab/trace';
import { searchTrace } from '../../../operations/gitlab/trace-search';
import { runOperation } from '../../../operations/operation';
import { failure, type StandIn, startStandIn } from './stand-in';
import { jobWith, pipelines, story } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const byUrl = (path: string, more: Record<string, unknown> = {}) =>
  runOperation(reviewPipelineJob, stand.ports(), { url: `${stand.baseUrl}/${path}`, ...more });

describe('the address of something that has jobs', () => {
  const mr = story('merged-with-failed-pipeline');
  const pipeline = mr.pushes[0]?.pipeline;
  const failed = pipeline?.jobs.filter((job) => job.status === 'failed' && !job.retried) ?? [];
  const first = failed.find((job) => !job.allowFailure);

  test.each([
    ['a pipeline', `${mr.project.path}/-/pipelines/${pipeline?.id}/failures`],
    ['a pipeline without /-/', `${mr.project.path}/pipelines/${pipeline?.id}`],
    ['a merge request', `${mr.project.path}/-/merge_requests/${mr.iid}/diffs#note_1`],
  ])('%s: its first job that failed it, and which others failed', async (_what, path) => {
    const result = await byUrl(path);
    expect(result.job.id).toBe(first?.id);
    expect(result.chosen_from).toMatchObject({ pipeline_id: pipeline?.id, complete: true });
    expect(result.chosen_from?.failed_jobs.map(({ id }) => id).sort()).toEqual(failed.map(({ id }) => id).sort());
  });

  test('a pipeline that did not fail, and one that failed through what it started, are refused with what to do', async () => {
    const fine = pipelines.find(({ status }) => status === 'success');
    expect(await failure(byUrl(`${fine?.project.path}/-/pipelines/${fine?.id}`))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('has no failed job'),
    });
    const parent = pipelines.find(
      (candidate) =>
        candidate.jobs.some((job) => job.kind === 'bridge' && job.status === 'failed') &&
        !candidate.jobs.some((job) => job.kind === 'build' && job.status === 'failed' && !job.allowFailure),
    );
    if (parent === undefined) throw new Error('no parent');
    const child = parent.jobs.find((job) => job.kind === 'bridge' && job.status === 'failed')?.downstream;
    expect((await failure(byUrl(`${parent.project.path}/-/pipelines/${parent.id}`))).message).toContain(
      `it failed through what it started: pipeline ${child?.id}`,
    );
  });

  test('together with job_id, and addresses of other things, are refused', async () => {
    expect(await failure(byUrl(`${mr.project.path}/-/pipelines/${pipeline?.id}`, { job_id: 1 }))).toMatchObject({
      details: { field: 'job_id' },
    });
    for (const path of ['a/b/-/issues/1', 'a/b', 'a/b/-/jobs/1%2F2', 'a/%2e%2e/b/-/jobs/1', 'a/b/-/pipelines/x'])
      expect(await failure(byUrl(path))).toMatchObject({ code: 'invalid_input', details: { field: 'url' } });
  });
});

describe('search', () => {
  const job = () => jobWith('unit-test');
  const search = (given: Record<string, unknown>) =>
    runOperation(reviewPipelineJob, stand.ports(), {
      project: job().pipeline.project.path,
      job_id: job().id,
      ...given,
    });

  test('finds text as it is, in either case of letters, with the lines around it and its section', async () => {
    const { matches } = await search({ search: 'assertionerror', context_lines: 1 });
    expect(matches?.count).toBeGreaterThan(0);
    expect(matches?.matches[0]).toMatchObject({
      section: 'step_script',
      text: expect.stringContaining('AssertionError'),
    });
    const shown = matches?.matches[0];
    expect(shown?.text.split('\n').length).toBeLessThanOrEqual(3);
    expect(shown?.text.split('\n')[(shown?.line ?? 0) - (shown?.first_line ?? 0)]).toContain('AssertionError');
  });

  test('is no pattern, and says when there is nothing', async () => {
    expect((await search({ search: '.*' })).matches).toEqual({ matches: [], count: 0, complete: true });
    expect((await search({})).matches).toBeNull();
  });

  test('what was redacted cannot be found', async () => {
    const leaking = jobWith('secret');
    const given = { project: leaking.pipeline.project.path, job_id: leaking.id, search: 'glpat-SIMULATED' };
    expect((await runOperation(reviewPipelineJob, stand.ports(), given)).matches?.count).toBe(0);
  });

  test('matches and excerpt together keep the limit of characters', async () => {
    stand.gitlab.settings.longTraceBytes = 600_000;
    const { matches, log } = await search({ search: 'simulated test case', max_characters: 2000 });
    const shown = matches?.matches.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
    expect(matches?.count).toBeGreaterThan(1000);
    expect(matches?.complete).toBe(false);
    expect(shown + (log?.failing_section?.text.length ?? 0) + (log?.tail.length ?? 0)).toBeLessThanOrEqual(2000);
    expect(log?.tail).toContain('ERROR: Job failed');
  });

  test('every line that holds the text is counted, and shown or said to be left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('ab', 'AB x', 'none', ''), { maxLength: 60 }),
        fc.nat(5),
        fc.integer({ min: 40, max: 400 }),
        (lines, context, most) => {
          const found = searchTrace(readTrace(lines.join('\n')), 'ab', context, most);
          expect(found.count).toBe(lines.filter((line) => line.toLowerCase().includes('ab')).length);
          expect(found.matches.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(most);
          if (found.complete) {
            const shown = found.matches
              .flatMap(({ text }) => text.split('\n'))
              .filter((line) => line.toLowerCase().includes('ab'));
            expect(shown).toHaveLength(found.count);
          }
        },
      ),
    );
  });
});

describe('standard error', () => {
  const stamp = (text: string, flag: string) => `2026-05-14T11:19:20.000000Z 01${flag} ${text}`;

  test('lines of standard error stand for the failure where nothing looks like an error', async () => {
    const job = jobWith('unit-test');
    const log = [
      'section_start:1:step_script\r\u001b[0K',
      stamp('all is well', 'O'),
      stamp('unexpected token in configuration', 'E'),
      stamp('giving up', 'E'),
      'section_end:9:step_script\r\u001b[0K',
    ].join('\n');
    stand.faults.add({
      service: 'gitlab',
      path: '/trace',
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: log,
    });
    const given = { project: job.pipeline.project.path, job_id: job.id };
    const result = await runOperation(reviewPipelineJob, stand.ports(), given);
    expect(result.log?.error_lines).toEqual([
      { line: 2, section: 'step_script', text: 'unexpected token in configuration', stderr: true },
      { line: 3, section: 'step_script', text: 'giving up', stderr: true },
    ]);
  });

  test('logs without timestamps do not tell', async () => {
    const plain = jobWith('smoke');
    const job = plain.pipeline.project.instanceRunners ? undefined : plain;
    const log = 'section_start:1:step_script\r\u001b[0K\nERROR: x failed\nsection_end:2:step_script\r\u001b[0K\n';
    stand.faults.add({
      service: 'gitlab',
      path: '/trace',
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: log,
    });
    const given = { project: (job ?? plain).pipeline.project.path, job_id: (job ?? plain).id };
    const result = await runOperation(reviewPipelineJob, stand.ports(), given);
    expect(result.log?.error_lines.map(({ stderr }) => stderr)).toEqual([null]);
  });
});

test('a log that comes slowly and in pieces is read to its end', async () => {
  Object.assign(stand.gitlab.settings, { traceDelayMs: 20, longTraceBytes: 400_000 });
  const job = jobWith('unit-test');
  const given = { project: job.pipeline.project.path, job_id: job.id };
  const result = await runOperation(reviewPipelineJob, stand.ports(), given);
  expect(result).toMatchObject({ exit_code: 1, log_incomplete: false });
  expect(result.log?.tail).toContain('ERROR: Job failed');
});

test('a debug trace is shown to a role that may see it', async () => {
  const job = pipelines.flatMap(({ jobs }) => jobs).find(({ debugTrace }) => debugTrace);
  const given = { project: job?.pipeline.project.path, job_id: job?.id };
  expect((await runOperation(reviewPipelineJob, stand.ports(), given)).log_state).toBe('restricted');
  stand.gitlab.settings.tokenRole = 'developer';
  expect((await runOperation(reviewPipelineJob, stand.ports(), given)).log_state).toBe('available');
});
