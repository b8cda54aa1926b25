import { listPipelineFailures } from '../../../operations/gitlab/list-pipeline-failures';
import { reviewMergeRequestAndPipeline } from '../../../operations/gitlab/review-merge-request-and-pipeline';
import { runOperation } from '../../../operations/operation';
import type { Pipeline } from '../../../sandbox/src/gitlab/world';
import { baseTime, failure, type StandIn, startStandIn } from './stand-in';
import { pipelines, refTo, story } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => stand.faults.clear());

const daysAgo = (days: number) => new Date(baseTime.getTime() - days * 86_400_000);
const newestFirst = (a: Pipeline, b: Pipeline) => b.updatedAt.getTime() - a.updatedAt.getTime() || b.id - a.id;
const failedSince = (from: Date) =>
  pipelines
    .filter((pipeline) => pipeline.status === 'failed' && pipeline.updatedAt >= from && !pipeline.project.archived)
    .sort(newestFirst);

describe('list_pipeline_failures', () => {
  test('finds every failed pipeline of the group in the window, child pipelines included', async () => {
    const expected = failedSince(daysAgo(10));
    const result = await runOperation(listPipelineFailures, stand.ports(), {
      group: 'simulated-corp',
      from: daysAgo(10).toISOString(),
      limit: 100,
    });
    expect(result.pipelines.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(result).toMatchObject({ count: expected.length, complete: true, next: null, problems: [] });
    expect(result.pipelines.filter(({ source }) => source === 'parent_pipeline').length).toBeGreaterThan(0);
    for (const [index, pipeline] of result.pipelines.entries()) {
      const real = expected[index];
      const failed = real?.jobs.filter((job) => job.status === 'failed' && !job.retried).map((job) => job.id);
      expect(pipeline.failed_jobs.map(({ id }) => id).sort()).toEqual(failed?.sort());
      expect(pipeline.retried_failed_jobs).toBe(
        real?.jobs.filter((job) => job.status === 'failed' && job.retried).length,
      );
      expect(pipeline).toMatchObject({ project: real?.project.path, sha: real?.sha, user: real?.user.username });
      expect(pipeline.parent_pipeline_id).toBe(
        real?.source === 'parent_pipeline' ? real.triggeredBy?.pipeline.id : null,
      );
    }
  });

  test('a limit is not complete, and following next finds the rest once each', async () => {
    const found: number[] = [];
    let cursor: string | null = '';
    for (let calls = 0; cursor !== null && calls < 20; calls += 1) {
      const result: Awaited<ReturnType<typeof listPipelineFailures.run>> = await runOperation(
        listPipelineFailures,
        stand.ports(),
        {
          group: 'simulated-corp',
          from: daysAgo(10).toISOString(),
          to: baseTime.toISOString(),
          cursor,
          limit: 4,
        },
      );
      expect(result.complete).toBe(result.next === null);
      found.push(...result.pipelines.map(({ id }) => id));
      cursor = result.next;
    }
    expect(found).toEqual(failedSince(daysAgo(10)).map(({ id }) => id));
  });

  test('no more than four requests are under way at once', async () => {
    const ports = stand.ports();
    let open = 0;
    let most = 0;
    const counting = {
      ...ports,
      http: async (request: Parameters<typeof ports.http>[0]) => {
        open += 1;
        most = Math.max(most, open);
        try {
          return await ports.http(request);
        } finally {
          open -= 1;
        }
      },
    };
    await runOperation(listPipelineFailures, counting, { group: 'simulated-corp', from: daysAgo(3).toISOString() });
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
  });

  test('one project, by its former path', async () => {
    const result = await runOperation(listPipelineFailures, stand.ports(), {
      project: 'simulated-corp/payments-api',
      from: daysAgo(5).toISOString(),
    });
    expect(result.projects_searched).toBe(1);
    expect(new Set(result.pipelines.map(({ project }) => project))).toEqual(
      new Set(['simulated-corp/platform/payments-api']),
    );
  });

  test('the error of a single project is the answer; without any scope the field is named', async () => {
    const none = runOperation(listPipelineFailures, stand.ports(), { project: 'simulated-corp/none' });
    expect(await failure(none)).toMatchObject({ code: 'not_found_or_no_access' });
    expect(await failure(runOperation(listPipelineFailures, stand.ports(), {}))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'project' },
    });
  });

  test('trigger jobs that cannot be read leave the answer incomplete', async () => {
    stand.faults.add({ service: 'gitlab', path: '/bridges', status: 403, body: {}, times: 1 });
    const given = { project: '102', from: daysAgo(1).toISOString() };
    expect((await runOperation(listPipelineFailures, stand.ports(), given)).complete).toBe(false);
    expect((await runOperation(listPipelineFailures, stand.ports(), given)).complete).toBe(true);
  });

  test('a pipeline whose jobs cannot be read is still listed, and the answer is not complete', async () => {
    stand.faults.add({ service: 'gitlab', path: '/jobs', status: 500, body: '', times: 1 });
    const result = await runOperation(listPipelineFailures, stand.ports(), {
      project: '102',
      from: daysAgo(1).toISOString(),
    });
    expect(result.count).toBeGreaterThan(1);
    expect(result.problems).toHaveLength(1);
    expect(result.complete).toBe(false);
  });
});

describe('review_merge_request_and_pipeline', () => {
  const review = (name: string, more: Record<string, unknown> = {}) =>
    runOperation(reviewMergeRequestAndPipeline, stand.ports(), { ...refTo(story(name)), ...more });

  test('a merge over a failed pipeline: both pipelines, their failed jobs, and the log of each', async () => {
    const result = await review('merged-with-failed-pipeline');
    const mr = story('merged-with-failed-pipeline');
    expect(result.pipelines.map(({ role, id, status }) => [role, id, status])).toEqual([
      ['head', mr.pushes[0]?.pipeline?.id, 'failed'],
      ['post_merge', mr.postMerge?.id, 'failed'],
    ]);
    const [job] = result.pipelines[0]?.failed_jobs ?? [];
    expect(job).toMatchObject({ name: 'unit tests', exit_code: 1, log_state: 'available' });
    expect(job?.log?.failing_section?.text).toContain('AssertionError');
    expect(result.findings.map(({ code }) => code)).toEqual([
      'merged_with_failed_pipeline',
      'post_merge_pipeline_failed',
    ]);
    expect(result.summary).toMatch(
      /^!27 "Hotfix: retry charges that time out" of simulated-corp\/platform\/payments-api by tomas\.becker/,
    );
    expect(result.complete).toBe(true);
  });

  test('a child pipeline that failed although its parent did not', async () => {
    const result = await review('child-pipeline-failed');
    const child = result.pipelines.find(({ role, status }) => role === 'downstream' && status === 'failed');
    expect(child?.failed_jobs.map(({ name }) => name)).toEqual(['smoke test']);
    expect(child?.started_by_pipeline_id).toBe(story('child-pipeline-failed').postMerge?.id);
    expect(result.findings.map(({ code }) => code)).toContain('downstream_pipeline_failed');
  });

  test('a planned rotation has nothing to find', async () => {
    const result = await review('ci-key-rotation');
    expect(result.findings).toEqual([]);
    expect(result.summary).toContain('Approved by mira.okafor, eva.novak');
    expect(result.summary).toContain('No finding.');
  });

  test('logs are bounded in number and characters, and what was not read is said', async () => {
    const result = await review('merged-with-failed-pipeline', { max_logs: 1, max_characters: 500 });
    const logs = result.pipelines
      .flatMap(({ failed_jobs: jobs }) => jobs.map(({ log }) => log))
      .filter((log) => log !== null);
    expect(logs).toHaveLength(1);
    expect((logs[0]?.failing_section?.text.length ?? 0) + (logs[0]?.tail.length ?? 0)).toBeLessThanOrEqual(500);
    expect(result.notes.join()).toContain('1 logs of failed jobs were not read');
  });

  test('pipelines that may not be read are noted, and the merge request is answered', async () => {
    stand.faults.add({
      service: 'gitlab',
      path: '/merge_requests/\\d+/pipelines',
      status: 403,
      body: { message: '403 Forbidden' },
    });
    const result = await review('merged-with-failed-pipeline');
    expect(result.notes.join()).toMatch(/Pipelines: .*403 Forbidden/);
    expect(result.complete).toBe(false);
    expect(result.pipelines.map(({ role }) => role)).toContain('head');
  });

  test('hostile text stays text', async () => {
    const result = await review('hostile-text');
    expect(JSON.stringify(result)).not.toMatch(
      /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u001b]|\\u00(?:0[0-8]|1[0-9a-f])/,
    );
    expect(result.findings.map(({ code }) => code)).not.toContain('merged_without_approval');
  });
});
