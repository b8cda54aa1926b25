import { reviewPipelineJob } from '../../../operations/gitlab/review-pipeline-job';
import { runOperation } from '../../../operations/operation';
import { traceOf } from '../../../sandbox/src/gitlab/traces';
import type { Job } from '../../../sandbox/src/gitlab/world';
import { failure, type StandIn, startStandIn } from './stand-in';
import { jobs, jobWith } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => stand.faults.clear());

const refTo = (job: Job) => ({ project: job.pipeline.project.path, job_id: job.id });
const review = (job: Job, more: Record<string, unknown> = {}, at = stand) =>
  runOperation(reviewPipelineJob, at.ports(), { ...refTo(job), ...more });

test.each(['', '/raw', '?tab=1#L20'])('a job by its address%s, on a server below a path too', async (ending) => {
  const below = await startStandIn({ subPath: '/tools/git' });
  for (const at of [stand, below]) {
    const job = jobWith('unit-test');
    const url = `${at.baseUrl}/${job.pipeline.project.path}/-/jobs/${job.id}${ending}`;
    const result = await runOperation(reviewPipelineJob, at.ports(), { url });
    expect(result.job).toMatchObject({
      id: job.id,
      name: job.name,
      status: 'failed',
      failure_reason: 'script_failure',
    });
    expect(result.exit_code).toBe(1);
  }
  await below.close();
});

test('an address elsewhere is refused before anything is sent', async () => {
  const ports = stand.ports();
  const call = runOperation(reviewPipelineJob, ports, { url: 'https://evil.example/a/b/-/jobs/1' });
  expect(await failure(call)).toMatchObject({ code: 'invalid_input', details: { field: 'url' } });
  expect(ports.requests).toEqual([]);
});

test.each(
  jobs
    .filter((job) => job.kind === 'build' && job.status === 'failed' && job.startedAt)
    .filter((job) => !job.erasedAt && !job.debugTrace)
    .slice(0, 12)
    .map((job) => [`${job.name} (${job.flavour})`, job] as const),
)('the log of %s is readable, failing section first', async (_name, job) => {
  const { log } = await review(job);
  expect(log?.failing_section?.name).toBe('step_script');
  const text = `${log?.failing_section?.text}\n${log?.tail}`;
  expect(text).toMatch(/ERROR: Job failed|exceeded limit/);
  expect(text).not.toMatch(/\u001b|section_(?:start|end)|^\d{4}-\d\d-\d\dT[\d:.]+Z 0/m);
  if (job.flavour !== 'log-limit') expect(log?.error_lines.length).toBeGreaterThan(0);
});

test('secrets of a log do not get out, and the rest does', async () => {
  const job = jobWith('secret');
  expect(traceOf(job)).toContain('glpat-SIMULATED00000000000');
  const shown = JSON.stringify(await review(job, { max_characters: 60_000 }));
  expect(shown).not.toContain('glpat-SIMULATED');
  expect(shown).toContain('[redacted');
});

test('a log that hit the limit of the runner is incomplete, and no exit code is made up', async () => {
  const result = await review(jobWith('log-limit'));
  expect(result).toMatchObject({ log_incomplete: true, exit_code: null });
  expect(result.log_incomplete_reason).toContain('size limit');
  expect(result.facts.map(({ code }) => code)).toContain('log_size_limit');
});

describe('a log larger than max_bytes', () => {
  const large = () => jobWith('log-limit');

  test('its end is asked for and read', async () => {
    const ports = stand.ports();
    const result = await runOperation(reviewPipelineJob, ports, { ...refTo(large()), max_bytes: 65_536 });
    expect(ports.requests.at(-1)?.url).toMatch(/trace\?byte_offset=\d+&byte_limit=131072$/);
    expect(result.log_size_bytes).toBeGreaterThan(200_000);
    expect(result.log_incomplete_reason).toContain('only its end was read');
    expect(JSON.stringify(result.log)).toContain('exceeded limit');
  });

  test('of a server that ignores the offset the end is kept as well', async () => {
    const old = await startStandIn({ olderServer: true });
    const ports = old.ports();
    const result = await runOperation(reviewPipelineJob, ports, { ...refTo(large()), max_bytes: 65_536 });
    expect(result.log_incomplete_reason).toContain('only its end was read');
    expect(JSON.stringify(result.log)).toContain('exceeded limit');
    expect(ports.requests.filter(({ url }) => url.includes('/trace'))).toHaveLength(1);
    await old.close();
  });

  test('its size is found out from the answer when the job does not tell it', async () => {
    const job = large();
    const path = `/jobs/${job.id}$`;
    stand.faults.add({
      service: 'gitlab',
      path,
      status: 200,
      body: { id: job.id, status: 'failed', finished_at: '2026-11-20T00:00:00Z', artifacts: [] },
    });
    const result = await review(job, { max_bytes: 65_536 });
    expect(result.log_size_bytes).toBeGreaterThan(200_000);
    expect(result.log_incomplete_reason).toContain('only its end was read');
  });
});

describe('no log', () => {
  test('erased', async () => {
    const job = jobs.find((candidate) => candidate.erasedAt !== undefined);
    if (job === undefined) throw new Error('no erased job');
    const ports = stand.ports();
    const result = await runOperation(reviewPipelineJob, ports, refTo(job));
    expect(result).toMatchObject({ log_state: 'erased', log: null, log_incomplete: false });
    expect(result.facts.map(({ code }) => code)).toEqual(['log_erased']);
    expect(ports.requests).toHaveLength(1);
  });

  test('restricted: the job may be read and its log not', async () => {
    const job = jobs.find((candidate) => candidate.debugTrace);
    if (job === undefined) throw new Error('no debug job');
    const result = await review(job);
    expect(result).toMatchObject({ log_state: 'restricted', log: null, job: { status: 'failed' } });
    expect(result.facts.map(({ code }) => code)).toEqual(['debug_trace_restricted']);
  });

  test('never started: an empty answer, and 404 as documented, are the same', async () => {
    const job = jobs.find((candidate) => candidate.status === 'skipped' && candidate.kind === 'build');
    if (job === undefined) throw new Error('no skipped job');
    expect(await review(job)).toMatchObject({ log_state: 'empty', log: null, exit_code: null });
    stand.faults.add({ service: 'gitlab', path: '/trace', status: 404, body: { message: '404 Not found' } });
    expect(await review(job)).toMatchObject({ log_state: 'not_found', log: null });
  });

  test('HTML instead of it is refused', async () => {
    stand.faults.add({
      service: 'gitlab',
      path: '/trace',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<title>Sign in</title>',
    });
    expect(await failure(review(jobWith('unit-test')))).toMatchObject({ code: 'bad_response' });
  });
});

test('a running job says that its log is what has arrived so far', async () => {
  const job = jobs.find((candidate) => candidate.status === 'running');
  if (job === undefined) throw new Error('no running job');
  const result = await review(job);
  expect(result.facts.map(({ code }) => code)).toContain('job_running');
  expect(result.log?.failing_section ?? null).toBeNull();
});

test('the limit of characters is kept', async () => {
  for (const max_characters of [500, 2000]) {
    const { log } = await review(jobWith('log-limit'), { max_characters });
    expect((log?.failing_section?.text.length ?? 0) + (log?.tail.length ?? 0)).toBeLessThanOrEqual(max_characters);
    expect(log?.failing_section?.omitted_characters).toBeGreaterThan(0);
  }
});

test('a trigger job, which has no log of its own, and a job of another project are not found', async () => {
  const elsewhere = { project: 'simulated-corp/platform/infrastructure', job_id: jobWith('unit-test').id };
  expect(await failure(runOperation(reviewPipelineJob, stand.ports(), elsewhere))).toMatchObject({
    code: 'not_found_or_no_access',
  });
});
