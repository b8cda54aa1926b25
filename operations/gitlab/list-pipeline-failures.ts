import { z } from 'zod';
import { InvalidInputError, OperationError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { attempt } from './approvals';
import { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import { downstreamSchema, type FoundDownstream, readDownstream } from './downstream-pipelines';
import { readBridges, readFailedJobs } from './failed-jobs';
import { findParentPipeline, newestFirst, readFailedPipelines, timeOf } from './failed-pipelines';
import { cursorOf, readCursor, windowOfList } from './list-position';
import { failedJobSchema, pipelineSchema, shapePipeline } from './pipeline-shape';
import { type ProtectedRefs, readProtectedRefs, remarkOnSource } from './pipeline-sources';
import { chooseScope, groupInput, projectInput, type Scope } from './scope';
import { projectsOf, type SearchedProject } from './searched-projects';
import { toIso, windowInput } from './time-window';
import { readWire, type WirePipeline, wirePipeline } from './wire-types';

const totalMs = 180_000;
const input = z.object({
  project: projectInput
    .optional()
    .describe('Project: path with namespace (group/sub/project) or numeric id. Default: the one set on the connection'),
  group: groupInput
    .optional()
    .describe(
      'Group whose projects, with those of its subgroups, are searched (up to 300): full path or numeric id. Default: the one set on the connection',
    ),
  time_field: z
    .enum(['updated', 'created'])
    .default('updated')
    .describe('Which time has to be in the window. Default: updated, which finds what failed in it'),
  ...windowInput,
  include_downstream: z
    .boolean()
    .default(true)
    .describe(
      'Whether to follow what each pipeline started, in its own project and in others, two levels deep. Default: true',
    ),
  include_retried: z
    .boolean()
    .default(false)
    .describe('Whether failed_jobs also holds attempts that were run again, marked `retried`. Default: false'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe(
      'Most pipelines returned, 1 to 100; each costs five requests and up to three for each pipeline that it started. Default: 20',
    ),
  cursor: z.string().max(200).optional().describe('Go on where an earlier answer ended: its `next`'),
});

const failureSchema = pipelineSchema.extend({
  project: z.string().describe('Path with namespace'),
  parent_pipeline_id: z.number().int().nullable().describe('For a child pipeline: the one that started it, when found'),
  yaml_errors: z.string().nullable().describe('Why GitLab could not read the CI file; such a pipeline has no jobs'),
  remark: z
    .string()
    .nullable()
    .describe(
      'Why what started it is worth a look: by hand, a token or the API on a protected branch, a schedule, an agent',
    ),
  failed_jobs: z
    .array(failedJobSchema)
    .describe('Those that failed the pipeline first, then those allowed to fail, then retried attempts; at most 50'),
  retried_failed_jobs: z.number().int().describe('How many failed attempts were run again'),
  downstream: z.array(downstreamSchema).describe('What it started, in order; at most 20; empty when not asked for'),
});

const output = z.object({
  pipelines: z.array(failureSchema).describe('Newest first by the time field'),
  count: z.number().int(),
  window: z.object({ field: z.enum(['updated', 'created']), from: z.string(), to: z.string() }),
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
      'Pass it as `cursor`, with the same other input, to get older failures; null when there are none or a smaller group is needed',
    ),
});
type Problem = z.output<typeof output>['problems'][number];

export const listPipelineFailures = defineOperation({
  name: 'list_pipeline_failures',
  toolset: 'gitlab',
  resource: 'Pipeline',
  title: 'Get Many Failures',
  action: 'Get many pipeline failures',
  description:
    'Lists the failed pipelines of a GitLab project, or of all projects of a group, that were updated or created in a time window (default: updated in the last 24 hours), child pipelines included, newest first, with the failed jobs of each, what it started in other projects, CI files that could not be read, and a remark on unusual ways of starting it. At most `limit` pipelines (default 20, max 100).',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { group: 'simulated-corp', limit: 3 },
  varies: ['window.from', 'window.to', 'next'],
  echoOnError: ['project', 'group'],
  list: 'pipelines',
  async run(ports, given) {
    const gitlab = await GitLab.open(ports, totalMs);
    const scope = chooseScope(gitlab.connection, given);
    if (scope.kind === 'instance') {
      throw new InvalidInputError('project', 'give a project or a group: GitLab lists pipelines by project only');
    }
    const after = (given.cursor?.trim() ?? '') === '' ? undefined : readCursor(given.time_field, given.cursor ?? '');
    const window = windowOfList(ports.now(), given, after);
    const problems: Problem[] = [];
    const { projects, complete: allProjects } = await projectsOf(gitlab, scope);
    let done = 0;
    const found = await mapConcurrently(projects, async (project) => {
      const list = await within(scope, problems, project.name, () =>
        readFailedPipelines(gitlab, project, window, given.limit, given.time_field, after),
      );
      done += 1;
      ports.progress('Searched projects for failed pipelines', done, projects.length);
      return { project, list };
    });

    const all = found
      .flatMap(({ project, list }) => (list?.items ?? []).map((wire) => ({ project, wire })))
      .sort((a, b) => newestFirst(given.time_field)(a.wire, b.wire));
    const kept = all.slice(0, given.limit);
    const refs = await readRefs(gitlab, kept);
    const pipelines = await mapConcurrently(kept, ({ project, wire }) =>
      shapeFailure(gitlab, project, wire, refs.get(project.path), given, problems),
    );
    const cutLists = found.some(({ list }) => list !== undefined && !list.complete);
    const isCut = all.length > kept.length;
    const last = kept.at(-1)?.wire;
    const lastTime = last && timeOf(last, given.time_field);
    return {
      pipelines: pipelines.map(({ failure }) => failure),
      count: pipelines.length,
      window: { field: given.time_field, from: toIso(window.from), to: toIso(window.to) },
      projects_searched: projects.length - found.filter(({ list }) => list === undefined).length,
      problems,
      complete:
        allProjects && !cutLists && !isCut && problems.length === 0 && pipelines.every(({ complete }) => complete),
      next:
        last && lastTime && (isCut || cutLists)
          ? cursorOf(given.time_field, { ...window, time: Date.parse(lastTime), id: last.id })
          : null,
    };
  },
});

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

/** Which branches are protected, for each project once. */
async function readRefs(
  gitlab: GitLab,
  kept: readonly { project: SearchedProject }[],
): Promise<ReadonlyMap<string, ProtectedRefs>> {
  const projects = [...new Map(kept.map(({ project }) => [project.path, project])).values()];
  const refs = await mapConcurrently(projects, ({ path, what }) => readProtectedRefs(gitlab, path, what));
  return new Map(projects.map(({ path }, index) => [path, refs[index] as ProtectedRefs]));
}

const noDownstream: FoundDownstream = { downstream: [], complete: true };

async function shapeFailure(
  gitlab: GitLab,
  project: SearchedProject,
  listed: WirePipeline,
  refs: ProtectedRefs | undefined,
  given: Pick<z.output<typeof input>, 'include_downstream' | 'include_retried'>,
  problems: Problem[],
): Promise<{ failure: z.output<typeof failureSchema>; complete: boolean }> {
  const what = `pipeline ${listed.id} of ${project.what}`;
  const read = await attempt(async () => {
    const value = await gitlab.get(`${project.path}/pipelines/${listed.id}`, {}, what);
    const detail = readWire(wirePipeline, value, what);
    const jobs = await readFailedJobs(gitlab, project.path, listed.id, given.include_retried);
    const parent = await findParentPipeline(gitlab, project.path, listed, (id) =>
      readBridges(gitlab, project.path, id),
    );
    const started = given.include_downstream
      ? await readDownstream(
          gitlab,
          { projectPath: project.path, pipeline: listed },
          { includeRetried: given.include_retried },
        )
      : noDownstream;
    return { detail, jobs, parent, started };
  });
  if (read instanceof OperationError) problems.push({ project: project.name, code: read.code, message: read.message });
  const { detail, jobs, parent, started } =
    read instanceof OperationError
      ? { detail: listed, jobs: { jobs: [], retried: 0, complete: false }, parent: undefined, started: noDownstream }
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
      remark: refs === undefined ? null : remarkOnSource(listed, refs),
      failed_jobs: jobs.jobs,
      retried_failed_jobs: jobs.retried,
      downstream: started.downstream,
    },
    complete: jobs.complete && started.complete,
  };
}
