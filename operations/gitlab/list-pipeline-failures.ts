import { z } from 'zod';
import { InvalidInputError, OperationError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { projectPath } from './address';
import { attempt } from './approvals';
import { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import { readBridges, readFailedJobs } from './failed-jobs';
import { findParentPipeline, newestFirst, readFailedPipelines } from './failed-pipelines';
import { failedJobSchema, pipelineSchema, shapePipeline } from './pipeline-shape';
import { chooseScope, groupInput, projectInput, type Scope } from './scope';
import { readWindow, type TimeWindow, toIso, windowInput } from './time-window';
import { readWire, type WirePipeline, wirePipeline, wireProject } from './wire-types';

const totalMs = 180_000;
/** Largest group that is searched whole; GitLab has no list of pipelines for a group. */
const maxProjects = 300;

const input = z.object({
  project: projectInput
    .optional()
    .describe('Project: path with namespace (group/sub/project) or numeric id. Default: the one set on the connection'),
  group: groupInput
    .optional()
    .describe(
      'Group whose projects, with those of its subgroups, are searched (up to 300): full path or numeric id. Default: the one set on the connection',
    ),
  ...windowInput,
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('Most pipelines returned, 1 to 100; each costs five requests. Default: 20'),
});

const failureSchema = pipelineSchema.extend({
  project: z.string().describe('Path with namespace'),
  parent_pipeline_id: z.number().int().nullable().describe('For a child pipeline: the one that started it, when found'),
  yaml_errors: z.string().nullable().describe('Why GitLab could not read the CI file; such a pipeline has no jobs'),
  failed_jobs: z.array(failedJobSchema).describe('Those that failed the pipeline first; at most 50'),
  retried_failed_jobs: z.number().int().describe('Failed attempts that were run again, not in failed_jobs'),
});

const output = z.object({
  pipelines: z.array(failureSchema).describe('Newest first by updated_at'),
  count: z.number().int(),
  window: z.object({ field: z.literal('updated'), from: z.string(), to: z.string() }),
  projects_searched: z.number().int(),
  problems: z
    .array(z.object({ project: z.string(), code: z.string(), message: z.string() }))
    .describe('Projects or pipelines that could not be read; their failures may be missing'),
  complete: z
    .boolean()
    .describe('False when more failed in the window than was returned, or something could not be read'),
  next: z
    .string()
    .nullable()
    .describe(
      'Pass it as `to`, with the same `from`, to get older failures; null when there are none or a smaller group is needed',
    ),
});
type Problem = z.output<typeof output>['problems'][number];

interface SearchedProject {
  path: string;
  what: string;
  name: string;
}

export const listPipelineFailures = defineOperation({
  name: 'list_pipeline_failures',
  toolset: 'gitlab',
  resource: 'Pipeline',
  title: 'Get Many Failures',
  action: 'Get many pipeline failures',
  description:
    'Lists the failed pipelines of a GitLab project, or of all projects of a group, that were updated in a time window (default: the last 24 hours), child pipelines included, newest first, with the failed jobs of each. At most `limit` pipelines (default 20, max 100).',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { group: 'simulated-corp', limit: 3 },
  varies: ['window.from', 'window.to'],
  echoOnError: ['project', 'group'],
  list: 'pipelines',
  async run(ports, given) {
    const gitlab = await GitLab.open(ports, totalMs);
    const scope = chooseScope(gitlab.connection, given);
    if (scope.kind === 'instance') {
      throw new InvalidInputError('project', 'give a project or a group: GitLab lists pipelines by project only');
    }
    const window = readWindow(ports.now(), given.from, given.to);
    const problems: Problem[] = [];
    const { projects, complete: allProjects } = await projectsOf(gitlab, scope);
    let done = 0;
    const found = await mapConcurrently(projects, async (project) => {
      const list = await within(scope, problems, project.name, () =>
        readFailedPipelines(gitlab, project, window, given.limit),
      );
      done += 1;
      ports.progress('Searched projects for failed pipelines', done, projects.length);
      return { project, list };
    });

    const all = found
      .flatMap(({ project, list }) => (list?.items ?? []).map((wire) => ({ project, wire })))
      .sort((a, b) => newestFirst(a.wire, b.wire));
    const kept = all.slice(0, given.limit);
    const pipelines = await mapConcurrently(kept, ({ project, wire }) => shapeFailure(gitlab, project, wire, problems));
    const cutLists = found.some(({ list }) => list !== undefined && !list.complete);
    const firstLeftOut = all[kept.length]?.wire.updated_at ?? null;
    const oldest = kept[kept.length - 1]?.wire.updated_at ?? null;
    return {
      pipelines: pipelines.map(({ failure }) => failure),
      count: pipelines.length,
      window: { field: 'updated' as const, from: toIso(window.from), to: toIso(window.to) },
      projects_searched: projects.length - found.filter(({ list }) => list === undefined).length,
      problems,
      complete:
        allProjects &&
        !cutLists &&
        firstLeftOut === null &&
        problems.length === 0 &&
        pipelines.every(({ complete }) => complete),
      next: nextEnd(window, firstLeftOut, cutLists ? oldest : null),
    };
  },
});

/** Where the next window ends; never the same instant again, which would repeat this answer for ever. */
function nextEnd(window: TimeWindow, firstLeftOut: string | null, oldest: string | null): string | null {
  const at = firstLeftOut ?? oldest;
  return at !== null && Date.parse(at) < window.to ? at : null;
}

async function projectsOf(gitlab: GitLab, scope: Scope): Promise<{ projects: SearchedProject[]; complete: boolean }> {
  if (scope.kind !== 'group') {
    const value = await gitlab.get(scope.path, {}, scope.what);
    const project = readWire(wireProject, value, scope.what);
    const name = cleanLine(project.path_with_namespace ?? String(project.id), 1000);
    return { projects: [{ path: projectPath(String(project.id)), what: scope.what, name }], complete: true };
  }
  const listed = await gitlab.list(
    `${scope.path}/projects`,
    { include_subgroups: true, archived: false, simple: true, order_by: 'id', sort: 'asc' },
    `the projects of ${scope.what}`,
    maxProjects,
    (value) => readWire(wireProject, value, 'a project of the list'),
  );
  const projects = listed.items
    .filter((project) => project.archived !== true)
    .map((project) => {
      const name = cleanLine(project.path_with_namespace ?? String(project.id), 1000);
      return { path: projectPath(String(project.id)), what: `project ${name}`, name };
    });
  return { projects, complete: listed.complete };
}

/** In a group one project's error is named and the others go on; a single project's error is the answer. */
async function within<T>(
  scope: Scope,
  problems: Problem[],
  project: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  if (scope.kind !== 'group') return read();
  const result = await attempt(read);
  if (!(result instanceof OperationError)) return result;
  problems.push({ project, code: result.code, message: result.message });
  return undefined;
}

async function shapeFailure(
  gitlab: GitLab,
  project: SearchedProject,
  listed: WirePipeline,
  problems: Problem[],
): Promise<{ failure: z.output<typeof failureSchema>; complete: boolean }> {
  const what = `pipeline ${listed.id} of ${project.what}`;
  const read = await attempt(async () => {
    const value = await gitlab.get(`${project.path}/pipelines/${listed.id}`, {}, what);
    const detail = readWire(wirePipeline, value, what);
    const jobs = await readFailedJobs(gitlab, project.path, listed.id);
    const parent = await findParentPipeline(gitlab, project.path, listed, (id) =>
      readBridges(gitlab, project.path, id),
    );
    return { detail, jobs, parent };
  });
  if (read instanceof OperationError) problems.push({ project: project.name, code: read.code, message: read.message });
  const { detail, jobs, parent } =
    read instanceof OperationError
      ? { detail: listed, jobs: { jobs: [], retried: 0, complete: false }, parent: undefined }
      : read;
  return {
    failure: {
      // The list and the detail may be read on either side of a retry; the list is what put it in the window.
      ...shapePipeline({
        ...detail,
        status: listed.status,
        updated_at: listed.updated_at,
        source: listed.source ?? detail.source,
      }),
      project: project.name,
      parent_pipeline_id: parent ?? null,
      yaml_errors: detail.yaml_errors && cleanLine(detail.yaml_errors, 500),
      failed_jobs: jobs.jobs,
      retried_failed_jobs: jobs.retried,
    },
    complete: jobs.complete,
  };
}
