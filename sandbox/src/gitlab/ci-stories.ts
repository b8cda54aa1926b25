import { SIMULATED_PEOPLE as P, type SimulatedPerson } from '../simulated-people';
import { type Mishap, runPipeline } from './pipelines';
import type { Commit, Pipeline, PipelineSource, Project } from './world';

const HOUR = 3_600_000;

/** A pipeline of the default branch that belongs to no merge request. */
interface CiStory {
  story: string;
  project: string;
  /** What it runs; the part of the shape's name behind the project. */
  shape: string;
  source: PipelineSource;
  by: SimulatedPerson;
  hoursAgo: number;
  mishaps?: Mishap[];
  /** GitLab could not read the CI file: no job was made. */
  yamlErrors?: string;
}

/** Failures by other ways than a merge: what starts them, what they start in turn, and what never started at all. */
const STORIES: readonly CiStory[] = [
  {
    story: 'yaml-errors',
    project: 'payments-api',
    shape: 'broken',
    source: 'push',
    by: P.tomas,
    hoursAgo: 30,
    yamlErrors: 'jobs:deploy config contains unknown keys: scirpt\u202e\u0007',
  },
  {
    // The trigger job waits, so that the parent fails with its child.
    story: 'child-fails-parent',
    project: 'infrastructure',
    shape: 'main',
    source: 'api',
    by: P.deployBot,
    hoursAgo: 55,
    mishaps: [{ job: 'terraform apply', flavour: 'state-lock' }],
  },
  {
    story: 'web-on-main',
    project: 'customer-portal',
    shape: 'main',
    source: 'web',
    by: P.guido,
    hoursAgo: 47,
    mishaps: [
      { job: 'eslint', flavour: 'network', transient: true },
      { job: 'unit tests', flavour: 'unit-test' },
    ],
  },
  {
    story: 'agent-on-main',
    project: 'ledger-jobs',
    shape: 'nightly',
    source: 'duo_workflow',
    by: P.kwame,
    hoursAgo: 28,
    mishaps: [{ job: 'pytest', flavour: 'pytest' }],
  },
  {
    // Over three projects: what it starts in detections starts something in turn, which nobody may see.
    story: 'downstream-elsewhere',
    project: 'ledger-jobs',
    shape: 'release',
    source: 'trigger',
    by: P.lucia,
    hoursAgo: 26,
    mishaps: [
      { job: 'export check', flavour: 'pytest' },
      { job: 'rule tests', flavour: 'pytest' },
    ],
  },
];

interface Stage {
  seed: number;
  now: Date;
  lookup(path: string): Project;
}

/** Runs them over a history that is played already; ids come afterwards. */
export function playCiStories(stage: Stage): void {
  for (const story of STORIES) {
    const project = stage.lookup(story.project);
    const at = new Date(stage.now.getTime() - story.hoursAgo * HOUR);
    const pipeline = runPipeline({
      ...stage,
      project,
      shape: `${story.project}/${story.shape}`,
      ref: 'main',
      source: story.source,
      user: story.by,
      at,
      mishaps: story.mishaps,
    });
    pipeline.story = story.story;
    if (story.yamlErrors !== undefined) {
      Object.assign(pipeline, { yamlErrors: story.yamlErrors, status: 'failed', finishedAt: pipeline.createdAt });
    }
    file(pipeline);
  }
}

/** Gives a pipeline and what it started the commits of their time, and puts them with their projects. */
function file(pipeline: Pipeline): void {
  const commit = tipAt(pipeline.project, pipeline.createdAt);
  pipeline.sha = commit.sha;
  pipeline.beforeSha = commit.parents[0] ?? '0'.repeat(40);
  pipeline.project.pipelines.push(pipeline);
  for (const { downstream } of pipeline.jobs) if (downstream) file(downstream);
}

/** The tip of the default branch at a moment of the past. */
function tipAt(project: Project, at: Date): Commit {
  let commit = project.tip;
  while (commit.at > at) {
    const parent = project.commits.get(commit.parents[0] ?? '');
    if (parent === undefined) break;
    commit = parent;
  }
  return commit;
}
