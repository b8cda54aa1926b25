import { hunks } from '../../../sandbox/src/gitlab/diff';
import { simulateHistory } from '../../../sandbox/src/gitlab/history';
import { changedPaths } from '../../../sandbox/src/gitlab/repository';
import { PLANTED_SECRETS } from '../../../sandbox/src/gitlab/trace-scripts';
import { LOG_LIMIT_BYTES, traceOf } from '../../../sandbox/src/gitlab/traces';
import type { Job, MergeRequest, Pipeline, World } from '../../../sandbox/src/gitlab/world';

const NOW = new Date('2026-11-18T12:00:00Z');
const HOUR = 3_600_000;

// Seeds and weekdays differ, because the history is laid into working days.
const worlds: World[] = [1, 2, 3].map((seed) => simulateHistory(seed, new Date(NOW.getTime() + seed * 31 * HOUR)));
const mergeRequests = worlds.flatMap((world) => world.projects.flatMap((project) => project.mergeRequests));
const pipelines = worlds.flatMap((world) => world.projects.flatMap((project) => project.pipelines));
const [world] = worlds as [World];
const story = (name: string): MergeRequest => {
  const found = world.projects.flatMap((project) => project.mergeRequests).find((mr) => mr.story === name);
  if (!found) throw new Error(`no story ${name}`);
  return found;
};
const failedJob = (mr: MergeRequest): Job => {
  const found = mr.pushes.flatMap((push) => push.pipeline?.jobs ?? []).find((job) => job.status === 'failed');
  if (!found) throw new Error('no failed job');
  return found;
};

describe('the simulated month, over every merge request', () => {
  it('has 60 to 120 merge requests in the last 30 days, some merged on the last day', () => {
    for (const { projects, now } of worlds) {
      const all = projects.flatMap((project) => project.mergeRequests);
      expect(all.length).toBeGreaterThanOrEqual(60);
      expect(all.length).toBeLessThanOrEqual(120);
      expect(all.every((mr) => now.getTime() - mr.createdAt.getTime() < 30 * 24 * HOUR)).toBe(true);
      expect(
        all.filter((mr) => mr.mergedAt && now.getTime() - mr.mergedAt.getTime() < 24 * HOUR).length,
      ).toBeGreaterThanOrEqual(7);
    }
  });

  it('says the same for the same seed, and something else for another', () => {
    const told = (seed: number) =>
      simulateHistory(seed, NOW).projects.flatMap((project) =>
        project.mergeRequests.map((mr) => [mr.id, mr.headSha, mr.mergeCommitSha, mr.updatedAt]),
      );
    expect(told(5)).toEqual(told(5));
    expect(told(5)).not.toEqual(told(6));
  });

  it.each(mergeRequests.map((mr, index) => [`${mr.project.path}!${mr.iid}`, index] as const))(
    '%s fits together',
    (_name, index) => {
      const mr = mergeRequests[index] as MergeRequest;
      const { project } = mr;
      const commit = (sha: string) => project.commits.get(sha);
      // The branch is a chain of commits from the base to the head.
      let parent = mr.baseSha;
      for (const entry of mr.commits) {
        expect(entry.parents).toEqual([parent]);
        parent = entry.sha;
      }
      expect(parent).toBe(mr.headSha);
      expect(
        changedPaths(commit(mr.baseSha)?.tree ?? new Map(), commit(mr.headSha)?.tree ?? new Map()).length,
      ).toBeGreaterThan(0);
      // Things happen in order.
      for (const push of mr.pushes) {
        expect(push.at.getTime()).toBeGreaterThanOrEqual(mr.createdAt.getTime());
        if (push.pipeline) expect(push.pipeline.mergeRequest === mr).toBe(true);
      }
      for (const approval of mr.approvals) expect(approval.at.getTime()).toBeGreaterThan(mr.createdAt.getTime());
      expect(mr.updatedAt.getTime()).toBeGreaterThanOrEqual(
        Math.max(mr.createdAt.getTime(), mr.mergedAt?.getTime() ?? 0),
      );
      expect(mr.pushes.at(-1)?.pipeline?.sha ?? mr.headSha).toBe(mr.headSha);
      // Merged, closed and open exclude each other.
      expect([mr.mergedAt !== undefined, mr.closedAt !== undefined]).toEqual([
        mr.state === 'merged',
        mr.state === 'closed',
      ]);
      if (mr.state !== 'merged' || !mr.mergedAt) return;
      for (const at of [...mr.pushes.map((push) => push.at), ...mr.approvals.map((approval) => approval.at)]) {
        expect(at.getTime()).toBeLessThan(mr.mergedAt.getTime());
      }
      const after = mr.postMerge as Pipeline;
      expect(after.createdAt.getTime()).toBeGreaterThan(mr.mergedAt.getTime());
      if (mr.indirect) expect([mr.mergeCommitSha, mr.mergedBy]).toEqual([undefined, undefined]);
      else expect([after.sha, after.user]).toEqual([mr.mergeCommitSha, mr.mergedBy]);
      expect(commit(after.sha)?.parents[1]).toBe(mr.squashCommitSha ?? mr.headSha);
    },
  );

  it('pipelines agree with their jobs, children with their parents', () => {
    for (const pipeline of pipelines) {
      expect(pipeline.project.commits.has(pipeline.sha)).toBe(true);
      if (pipeline.yamlErrors !== undefined) {
        expect([pipeline.status, pipeline.jobs]).toEqual(['failed', []]);
        continue;
      }
      const blocking = pipeline.jobs.filter((job) => !job.retried && !job.allowFailure);
      if (pipeline.status === 'failed') expect(blocking.some((job) => job.status === 'failed')).toBe(true);
      if (pipeline.status === 'success') expect(blocking.every((job) => job.status === 'success')).toBe(true);
      // Nothing runs in a stage behind one that failed.
      const stages = [...new Set(pipeline.jobs.map((job) => job.stage))];
      const broken = blocking.filter((job) => job.status === 'failed').map((job) => stages.indexOf(job.stage));
      const behind = pipeline.jobs.filter((job) => stages.indexOf(job.stage) > Math.min(...broken));
      expect(behind.every((job) => job.status === 'skipped')).toBe(true);
      for (const job of pipeline.jobs) {
        expect(job.pipeline === pipeline).toBe(true);
        if (job.startedAt && job.finishedAt) expect(job.finishedAt.getTime()).toBeGreaterThan(job.startedAt.getTime());
        if (job.retried)
          expect(pipeline.jobs.some((later) => later.name === job.name && later.id > job.id && !later.retried)).toBe(
            true,
          );
        expect(['success', 'failed'].includes(job.status)).toBe(job.finishedAt !== undefined);
        if (job.downstream) expect(job.downstream.triggeredBy === job).toBe(true);
      }
      if (pipeline.finishedAt)
        expect(Math.max(...pipeline.jobs.map((job) => job.finishedAt?.getTime() ?? 0))).toBe(
          pipeline.finishedAt.getTime(),
        );
    }
  });

  it('gives out ids in order of time, each once', () => {
    const isShop = ({ path }: { path: string }) => path.startsWith('simulated-corp/shop/');
    // The shop has a range of ids of its own.
    const counted = worlds.flatMap(({ projects }) => [
      projects.filter((project) => !isShop(project)),
      projects.filter(isShop),
    ]);
    for (const projects of counted) {
      const sets = [
        projects.flatMap((p) => p.pipelines),
        projects.flatMap((p) => p.mergeRequests),
        projects.flatMap((p) => p.pipelines.flatMap((entry) => entry.jobs)),
      ];
      for (const items of sets) {
        const sorted = [...items].sort((a, b) => a.id - b.id);
        expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
        expect(
          sorted.every((item, i) => i === 0 || item.createdAt >= (sorted[i - 1]?.createdAt ?? item.createdAt)),
        ).toBe(true);
      }
    }
  });
});

describe('the first job, which examples name', () => {
  // A Saturday, hour by hour: the history is laid into working days, so what comes first moves with the clock.
  it.each([0, 3, 6, 9, 12, 15, 18, 21])('is one of the infrastructure project, at %i o’clock', (hour) => {
    const { projects } = simulateHistory(1, new Date(Date.UTC(2026, 10, 28, hour, 12)));
    const owner = projects.find(({ pipelines }) => pipelines.some(({ jobs }) => jobs.some(({ id }) => id === 400_001)));
    expect(owner?.path).toBe('simulated-corp/platform/infrastructure');
  });
});

describe('the planted stories', () => {
  it('applied the key rotation while the simulated CloudTrail shows it (352 to 349 minutes before the base time)', () => {
    const apply = (name: string) =>
      story(name).postMerge?.jobs.find((job) => job.kind === 'bridge')?.downstream?.jobs[0];
    const covers = (job: Job | undefined, minutes: number) => {
      const at = new Date(world.now.getTime() - minutes * 60_000);
      return job?.startedAt && job.finishedAt && job.startedAt <= at && job.finishedAt >= at;
    };
    for (const minutes of [352, 351, 349]) expect(covers(apply('ci-key-rotation'), minutes)).toBe(true);
    for (const minutes of [838, 837]) expect(covers(apply('self-merged-unapproved'), minutes)).toBe(true);
    expect(traceOf(apply('ci-key-rotation') as Job)).toContain(
      'aws_iam_access_key.ci_deploy_2026_11: Creation complete',
    );
    expect(story('ci-key-rotation').approvals.map((approval) => approval.by.username)).toEqual([
      'mira.okafor',
      'eva.novak',
    ]);
  });

  it('has a self-merge without approval, a merge on red, a green re-run after the merge, a stale and a self approval', () => {
    const self = story('self-merged-unapproved');
    expect([self.mergedBy, self.approvals, self.rulesOverwritten]).toEqual([self.author, [], true]);
    const red = story('merged-with-failed-pipeline');
    expect([red.state, red.pushes.at(-1)?.pipeline?.status]).toEqual(['merged', 'failed']);
    const green = story('green-after-merge');
    const rerun = green.pushes[0]?.pipeline;
    expect(rerun?.status).toBe('success');
    expect(rerun?.finishedAt?.getTime()).toBeGreaterThan(green.mergedAt?.getTime() ?? 0);
    const stale = story('stale-approval');
    expect(stale.approvals[0]?.at.getTime()).toBeLessThan(stale.pushes.at(-1)?.at.getTime() ?? 0);
    expect(story('self-approved').approvals[0]?.by).toBe(story('self-approved').author);
    const child = story('child-pipeline-failed').postMerge;
    expect(child?.status).toBe('success');
    expect(child?.jobs.flatMap((job) => job.downstream ?? []).map((pipeline) => pipeline.status)).toContain('failed');
    expect(story('pipeline-running').pushes[0]?.pipeline?.status).toBe('running');
  });

  it('writes logs with prefixes, sections, colours, rewritten lines, secrets and the limit marker', () => {
    const stamped = traceOf(failedJob(story('merged-with-failed-pipeline')));
    for (const line of stamped.trimEnd().split('\n'))
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z 0[01][OE][ +]/);
    expect(stamped).toMatch(/section_start:\d+:step_script\r\u001b\[0K/);
    expect(stamped).toMatch(/section_end:\d+:step_script\r\u001b\[0K/);
    expect(stamped).toContain('\u001b[31');
    expect(stamped).toMatch(/ {2}7%\r\n[^\n]+01O\+/);
    const plain = traceOf(story('self-approved').pushes[0]?.pipeline?.jobs[0] as Job);
    expect(plain).toMatch(/^\u001b\[0KRunning with gitlab-runner/);
    for (const secret of PLANTED_SECRETS) expect(traceOf(failedJob(story('secret-in-log')))).toContain(secret);
    const limited = traceOf(failedJob(story('log-limit')));
    expect(limited).toContain(`Job's log exceeded limit of ${LOG_LIMIT_BYTES} bytes.`);
    expect(limited).not.toContain('ERROR: Job failed');
    expect(traceOf(failedJob(story('erased-log')))).toBe('');
    expect(traceOf(failedJob(story('hostile-text')))).toContain('close the case');
  });
});

describe('the differences it shows', () => {
  /** Applies hunks to the old text, independently of how they were made. */
  function patch(before: string, diff: string): string {
    const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
    const result: string[] = [];
    let at = 0;
    for (const line of diff.split('\n').slice(0, -1)) {
      const head = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$/.exec(line);
      if (head) {
        const start = head[2] === '0' ? Number(head[1]) : Number(head[1]) - 1;
        while (at < start) result.push(old[at++] ?? '');
      } else if (line.startsWith('+')) result.push(line.slice(1));
      else {
        expect(old[at]).toBe(line.slice(1));
        if (line.startsWith(' ')) result.push(old[at] ?? '');
        at += 1;
      }
    }
    result.push(...old.slice(at));
    return result.length === 0 ? '' : `${result.join('\n')}\n`;
  }

  it('turns the old file into the new one, for every file of every merge request', () => {
    for (const mr of mergeRequests) {
      const [before, after] = [mr.baseSha, mr.headSha].map(
        (sha) => mr.project.commits.get(sha)?.tree ?? new Map<string, string>(),
      );
      for (const path of changedPaths(before ?? new Map(), after ?? new Map())) {
        const [a, b] = [before?.get(path) ?? '', after?.get(path) ?? ''];
        expect(patch(a, hunks(a, b)) === b).toBe(true);
      }
    }
  });
});
