import { listPipelineFailures } from '../../../operations/gitlab/list-pipeline-failures';
import { runOperation } from '../../../operations/operation';
import { baseTime, type StandIn, startStandIn } from './stand-in';
import { pipelines } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn({ settings: { tokenRole: 'developer' } });
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const hoursAgo = (hours: number) => new Date(baseTime.getTime() - hours * 3_600_000).toISOString();
const planted = (story: string) => {
  const found = pipelines.find((pipeline) => pipeline.story === story);
  if (found === undefined) throw new Error(`no pipeline ${story}`);
  return found;
};
const list = (given: Record<string, unknown>, at = stand) => runOperation(listPipelineFailures, at.ports(), given);
async function failure(story: string, more: Record<string, unknown> = {}) {
  const { id, project } = planted(story);
  const result = await list({ project: project.path, from: hoursAgo(70), limit: 100, ...more });
  const found = result.pipelines.find((pipeline) => pipeline.id === id);
  if (found === undefined) throw new Error(`${story} was not listed`);
  return { found, result };
}

describe('what a pipeline started', () => {
  test('in other projects, two levels deep, with the failed jobs; what was never started is said to be so', async () => {
    const release = planted('downstream-elsewhere');
    const elsewhere = release.jobs.find((job) => job.name === 'tell detections')?.downstream;
    const { found } = await failure('downstream-elsewhere');
    expect(found.downstream).toMatchObject([
      { trigger_job: 'schema check', kind: 'child', status: 'success', depth: 1, access: 'read', failed_jobs: [] },
      {
        trigger_job: 'tell detections',
        pipeline_id: elsewhere?.id,
        project: 'simulated-corp/security/detections',
        kind: 'multi_project',
        status: 'failed',
        depth: 1,
        access: 'read',
        failed_jobs: [{ name: 'rule tests' }],
      },
      { trigger_job: 'register rules', pipeline_id: null, depth: 2, access: 'not_triggered' },
    ]);
    expect((await failure('downstream-elsewhere', { include_downstream: false })).found.downstream).toEqual([]);
  });

  test('null in the answer: the state of the trigger job tells hidden from not started, as far as it can', async () => {
    const { id, project } = planted('child-fails-parent');
    stand.faults.add({
      service: 'gitlab',
      path: `/pipelines/${id}/bridges\\?per_page=100$`,
      status: 200,
      body: ['success', 'skipped', 'failed'].map((status) => ({
        id: 1,
        name: status,
        status,
        downstream_pipeline: null,
      })),
      times: 1,
    });
    const result = await list({ project: project.path, from: hoursAgo(70), limit: 100 });
    const found = result.pipelines.find((pipeline) => pipeline.id === id);
    expect(found?.downstream.map(({ trigger_job: job, access }) => [job, access])).toEqual([
      ['success', 'hidden'],
      ['skipped', 'not_triggered'],
      ['failed', 'not_triggered_or_hidden'],
    ]);
  });

  test('a parent fails with the child it waits for', async () => {
    const { found } = await failure('child-fails-parent');
    const child = planted('child-fails-parent').jobs.find((job) => job.kind === 'bridge')?.downstream;
    expect(found.failed_jobs).toMatchObject([
      { name: 'apply production', trigger_job: true, downstream_pipeline_id: child?.id },
    ]);
    expect(found.downstream).toMatchObject([
      { pipeline_id: child?.id, kind: 'child', status: 'failed', failed_jobs: [{ name: 'terraform apply' }] },
    ]);
  });

  test('trigger jobs that lead back to where they came from end there', async () => {
    const { id, project } = planted('child-fails-parent');
    const child = planted('child-fails-parent').jobs.find((job) => job.kind === 'bridge')?.downstream;
    stand.faults.add({
      service: 'gitlab',
      path: `/pipelines/${child?.id}/bridges`,
      status: 200,
      body: [
        {
          id: 1,
          name: 'again',
          status: 'success',
          downstream_pipeline: { id, project_id: project.id, status: 'failed' },
        },
      ],
      times: 10,
    });
    const { found } = await failure('child-fails-parent');
    expect(found.downstream.map(({ access, depth }) => [access, depth])).toEqual([
      ['read', 1],
      ['seen_before', 2],
    ]);
  });

  test('one that may not be looked into is named, and the answer stays whole', async () => {
    const elsewhere = planted('downstream-elsewhere').jobs.find((job) => job.name === 'tell detections')?.downstream;
    stand.faults.add({
      service: 'gitlab',
      path: `/projects/105/pipelines/${elsewhere?.id}`,
      status: 403,
      body: {},
      times: 10,
    });
    const { found } = await failure('downstream-elsewhere');
    expect(found.downstream.find(({ pipeline_id: id }) => id === elsewhere?.id)).toMatchObject({
      access: 'no_access',
      status: 'failed',
      failed_jobs: [],
    });
  });
});

test('a CI file that GitLab could not read: its text cleaned, and no jobs', async () => {
  const { found, result } = await failure('yaml-errors');
  expect(found).toMatchObject({
    yaml_errors: 'jobs:deploy config contains unknown keys: scirpt',
    failed_jobs: [],
    downstream: [],
  });
  expect(result.problems).toEqual([]);
});

describe('attempts that were run again', () => {
  const attempts = () =>
    planted('web-on-main')
      .jobs.filter((job) => job.retried && job.status === 'failed')
      .map(({ id }) => id);

  test('are counted, and listed with a mark behind the others when asked for', async () => {
    const { found } = await failure('web-on-main');
    expect(attempts()).toHaveLength(1);
    expect(found.retried_failed_jobs).toBe(1);
    expect(found.failed_jobs.some(({ retried }) => retried)).toBe(false);
    const { found: whole } = await failure('web-on-main', { include_retried: true });
    expect(whole.failed_jobs.map(({ name, retried }) => [name, retried])).toEqual([
      ['unit tests', false],
      ['eslint', true],
    ]);
    expect(whole.failed_jobs.at(-1)?.id).toBe(attempts()[0]);
  });
});

describe('what started it', () => {
  test.each([
    ['web-on-main', 'It was started by hand in the browser on a protected branch.'],
    ['child-fails-parent', 'It was started over the API on a protected branch.'],
    ['agent-on-main', 'An agent started it (duo_workflow).'],
    ['yaml-errors', null],
  ])('%s', async (story, remark) => {
    expect((await failure(story)).found.remark).toBe(remark);
  });

  test('a branch that is not protected, and a token that may not see which are', async () => {
    // ledger-jobs protects nothing.
    expect((await failure('downstream-elsewhere')).found.remark).toBeNull();
    stand.gitlab.settings.tokenRole = 'reporter';
    expect((await failure('web-on-main')).found.remark).toContain('on the default branch');
  });
});

describe('by time of creation', () => {
  const expected = (from: string, to: string) =>
    pipelines
      .filter(
        ({ status, createdAt, project }) =>
          status === 'failed' && project.id === 102 && createdAt >= new Date(from) && createdAt <= new Date(to),
      )
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id)
      .map(({ id }) => id);

  test.each([false, true])('the same answer from a server that ignores created_after: %s', async (olderServer) => {
    const at = await startStandIn({ olderServer });
    const [from, to] = [hoursAgo(24 * 12), hoursAgo(24)];
    const result = await list({ project: '102', time_field: 'created', from, to, limit: 100 }, at);
    expect(result.pipelines.map(({ id }) => id)).toEqual(expected(from, to));
    expect(result).toMatchObject({ complete: true, window: { field: 'created' } });
    await at.close();
  });

  test('following next finds each once', async () => {
    const found: number[] = [];
    let cursor: string | null = '';
    for (let calls = 0; cursor !== null && calls < 30; calls += 1) {
      const result: Awaited<ReturnType<typeof list>> = await list({
        project: '102',
        time_field: 'created',
        from: hoursAgo(24 * 12),
        to: hoursAgo(0),
        cursor,
        limit: 3,
        include_downstream: false,
      });
      found.push(...result.pipelines.map(({ id }) => id));
      cursor = result.next;
    }
    expect(found).toEqual(expected(hoursAgo(24 * 12), hoursAgo(0)));
  });
});

test('projects that cannot be read are named, the others are searched', async () => {
  stand.faults.add({ service: 'gitlab', path: '/projects/104/pipelines', status: 403, body: {}, times: 1 });
  const result = await list({ group: 'simulated-corp', from: hoursAgo(60), limit: 100, include_downstream: false });
  expect(result.problems).toMatchObject([{ project: 'simulated-corp/data/ledger-jobs', code: 'missing_permission' }]);
  expect(result.complete).toBe(false);
  expect(result.pipelines.map(({ id }) => id)).toContain(planted('web-on-main').id);
});
