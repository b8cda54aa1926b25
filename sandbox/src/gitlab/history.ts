import { SIMULATED_PEOPLE as P } from '../simulated-people';
import { playCiStories } from './ci-stories';
import { edgeStories } from './edge-stories';
import { FORK_ID } from './fork-repository';
import { number } from './ids';
import { mergeRequestStories } from './merge-request-stories';
import { writeNotes } from './notes';
import { runPipeline } from './pipelines';
import { createProjects, GROUPS, MOVED } from './projects';
import { addCommit, addPush, applyEdits } from './repository';
import { routineScripts } from './routine-scripts';
import type { MergeRequestScript, PushScript } from './scripts';
import { createShopProjects, SHOP_GROUP } from './shop-projects';
import { shopPushes, shopStories } from './shop-stories';
import { securityStories } from './stories';
import type { BranchPush, Commit, MergeRequest, Pipeline, Project, World } from './world';

const DAY = 86_400_000;

/**
 * Plays the whole simulated month up to `now`: merge requests open, get pipelines, are approved and merged into a
 * repository whose files really change. Everything that refers to something else does so by object, and ids are
 * given out at the end in order of time, so no two answers can disagree.
 */
export function simulateHistory(seed: number, now: Date): World {
  const projects = createProjects(now);
  const scripts = [
    ...routineScripts(seed, now),
    ...securityStories(now),
    ...edgeStories(now),
    ...mergeRequestStories(now),
  ];

  play(projects, scripts, seed, now);
  playCiStories({ seed, now, lookup: (path) => lastPathPart(projects, path) });
  number(projects, { mergeRequest: 5_001, pipeline: 70_001, job: 400_001, note: 900_001, push: 600_001 });
  const moved = new Map(Object.entries(MOVED).map(([from, to]) => [from, lastPathPart(projects, to).id]));

  // The shop has ids of its own, so that stories can be added there and nothing else gets another number.
  const shop = createShopProjects(now);
  play(shop, shopStories(now), seed, now, shopPushes(now));
  number(shop, { mergeRequest: 8_001, pipeline: 90_001, job: 500_001, note: 950_001, push: 650_001 });
  return {
    now,
    groups: [...GROUPS, SHOP_GROUP],
    projects: [...projects, ...shop],
    moved,
    tokenUser: P.tokenBot,
  };
}

/** Lets everything happen in order of time. Ids come afterwards. */
export function play(
  projects: Project[],
  scripts: readonly MergeRequestScript[],
  seed: number,
  now: Date,
  pushes: readonly PushScript[] = [],
): void {
  const stage: Stage = { seed, now, lookup: (path) => lastPathPart(projects, path) };
  const events: { at: Date; happen: () => void }[] = [];
  for (const script of scripts) {
    const mr = cast(script, stage.lookup(script.project));
    events.push({ at: script.createdAt, happen: () => open(mr, script, stage) });
    if (script.end.kind === 'merge' && script.end.at <= now) {
      events.push({ at: script.end.at, happen: () => merge(mr, script, stage) });
    }
  }
  for (const script of pushes) events.push({ at: script.at, happen: () => push(script, stage) });
  for (const project of projects) {
    for (const at of nights(project, now)) {
      events.push({ at, happen: () => nightly(project, at, stage) });
    }
  }
  events.sort((a, b) => a.at.getTime() - b.at.getTime());
  for (const event of events) event.happen();
  for (const project of projects) for (const mr of project.mergeRequests) writeNotes(mr);
}

/** The project with that last part of its path. */
function lastPathPart(projects: readonly Project[], path: string): Project {
  const last = path.split('/').pop() ?? path;
  const project = projects.find((entry) => !entry.open && entry.path.endsWith(`/${last}`));
  if (!project) throw new Error(`There is no project ${last}`);
  return project;
}

interface Stage {
  seed: number;
  now: Date;
  lookup(path: string): Project;
}

function cast(script: MergeRequestScript, project: Project): MergeRequest {
  return {
    id: 0,
    iid: 0,
    project,
    story: script.story,
    sourceProjectId: script.fork ? FORK_ID : project.id,
    change: script.change,
    author: script.author,
    assignees: [script.author],
    reviewers: script.reviewers ?? [],
    draft: script.draft ?? false,
    state: 'opened',
    createdAt: script.createdAt,
    updatedAt: script.createdAt,
    pushes: [],
    approvals: script.approvals ?? [],
    approvalsRequired: script.approvalsRequired ?? project.approvalsRequired,
    rulesOverwritten: script.approvalsRequired !== undefined,
    firstContribution: script.firstContribution ?? false,
    autoMerge: script.autoMerge ?? false,
    preparing: script.preparing ?? false,
    indirect: script.indirect ?? false,
    baseSha: '',
    headSha: '',
    commits: [],
    notes: [],
  };
}

function open(mr: MergeRequest, script: MergeRequestScript, stage: Stage): void {
  const { project } = mr;
  project.mergeRequests.push(mr);
  mr.iid = project.mergeRequests.length;
  mr.baseSha = project.tip.sha;
  let tip = project.tip;
  const pushes = [{ at: script.createdAt, commits: script.change.commits }, ...(script.laterPushes ?? [])];
  pushes.forEach((push, index) => {
    const commits = addPush(project, tip, push.commits, mr.author, push.at);
    const before = tip;
    tip = commits.at(-1) ?? tip;
    mr.commits.push(...commits);
    const pipeline =
      mr.preparing || script.noPipeline
        ? undefined
        : start(stage, mr, 'merge-request', {
            ref: `refs/merge-requests/${mr.iid}/head`,
            source: 'merge_request_event',
            user: mr.author,
            at: new Date(push.at.getTime() + 4_000),
            mishaps: script.mishaps?.[index],
            mergeRequest: mr,
          });
    if (pipeline) stamp(pipeline, tip.sha, before.sha);
    mr.pushes.push({ ...push, pipeline });
  });
  mr.headSha = tip.sha;
  mr.notes = (script.comments ?? []).map((comment) => ({
    id: 0,
    author: comment.by,
    body: comment.body,
    system: false,
    createdAt: comment.at,
  }));
  if (script.end.kind === 'close' && script.end.at <= stage.now) {
    Object.assign(mr, { state: 'closed', closedAt: script.end.at, closedBy: script.end.by });
  }
}

function merge(mr: MergeRequest, script: MergeRequestScript, stage: Stage): void {
  if (script.end.kind !== 'merge') return;
  const { project } = mr;
  const { by, at } = script.end;
  const before = project.tip;
  const tree = applyEdits(
    before.tree,
    mr.pushes.flatMap((push) => push.commits),
  );
  const add = (parents: string[], message: string, author = by): Commit =>
    addCommit(project, { parents, message, author, committer: by, at, tree });
  let second = mr.headSha;
  if (script.squash ?? project.squash) {
    const squashed = add([before.sha], mr.change.title, mr.author);
    mr.squashCommitSha = squashed.sha;
    second = squashed.sha;
  }
  const title = mr.indirect
    ? `Merge branch '${mr.change.branch}' (local)`
    : `Merge branch '${mr.change.branch}' into 'main'`;
  const merged = add(
    [before.sha, second],
    `${title}\n\n${mr.change.title}\n\nSee merge request ${project.path}!${mr.iid}`,
  );
  project.tip = merged;
  notePush(project, { at, by, from: before, to: merged, count: mr.commits.length + (mr.squashCommitSha ? 2 : 1) });
  Object.assign(mr, { state: 'merged', mergedAt: at });
  if (!mr.indirect) Object.assign(mr, { mergedBy: by, mergeCommitSha: merged.sha });
  mr.postMerge = start(stage, mr, 'main', {
    ref: 'main',
    source: 'push',
    user: by,
    at: new Date(at.getTime() + 2_000),
    mishaps: script.afterMerge,
  });
  stamp(mr.postMerge, merged.sha, before.sha);
}

/** Commits on top of the default branch, by nobody's leave. */
function push(script: PushScript, stage: Stage): void {
  const project = stage.lookup(script.project);
  const { by, at, story } = script;
  const from = project.tip;
  const commits = addPush(project, from, script.commits, by, at);
  const to = commits.at(-1) ?? from;
  project.tip = to;
  notePush(project, { at, by, from, to, count: commits.length, story });
  const pipeline = runPipeline({
    ...stage,
    project,
    shape: `${lastPart(project)}/main`,
    ref: 'main',
    source: 'push',
    user: by,
    at: new Date(at.getTime() + 2_000),
  });
  project.pipelines.push(pipeline);
  stamp(pipeline, to.sha, from.sha);
}

function notePush(project: Project, push: Omit<BranchPush, 'id'>): void {
  project.branchPushes.push({ id: 0, ...push });
}

function nightly(project: Project, at: Date, stage: Stage): void {
  const pipeline = runPipeline({
    ...stage,
    project,
    shape: `${lastPart(project)}/nightly`,
    ref: 'main',
    source: 'schedule',
    user: P.deployBot,
    at,
  });
  project.pipelines.push(pipeline);
  stamp(pipeline, project.tip.sha, '0'.repeat(40));
}

function nights(project: Project, now: Date): Date[] {
  if (project.archived || project.hidden || project.open || project.pipelinesLike !== undefined) return [];
  // Its pipelines reach further back than anything else, so that the first ids are its own at every hour of every day.
  const count = lastPart(project) === 'infrastructure' ? 32 : 29;
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now.getTime() - (index + 1) * DAY);
    return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() + 1, 2, project.id % 60, 7));
  }).filter((at) => at < now);
}

type StartFields = Omit<Parameters<typeof runPipeline>[0], 'project' | 'shape' | keyof Stage>;

function start(stage: Stage, mr: MergeRequest, kind: string, fields: StartFields): Pipeline {
  const pipeline = runPipeline({ ...stage, project: mr.project, shape: `${lastPart(mr.project)}/${kind}`, ...fields });
  mr.project.pipelines.push(pipeline);
  return pipeline;
}

function lastPart(project: Project): string {
  return project.pipelinesLike ?? project.path.split('/').pop() ?? project.path;
}

/** Writes the commit into a pipeline and its children, and files the children with their projects. */
function stamp(pipeline: Pipeline, sha: string, beforeSha: string): void {
  pipeline.sha = sha;
  pipeline.beforeSha = beforeSha;
  for (const job of pipeline.jobs) {
    const child = job.downstream;
    if (!child) continue;
    child.project.pipelines.push(child);
    if (child.project === pipeline.project) stamp(child, sha, beforeSha);
    else stamp(child, child.project.tip.sha, child.project.tip.sha);
  }
}
