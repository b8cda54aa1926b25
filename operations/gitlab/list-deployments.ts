import { z } from 'zod';
import { OperationError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { projectPath } from './address';
import { attempt } from './approvals';
import { availabilityFields, available, explainRefusal, unreadable } from './availability';
import { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import { lineOrNull, mergeRequestSchema, shapeMergeRequest, userName, webUrl } from './merge-request-shape';
import { pageCursor, readPageCursor } from './page-number-cursor';
import { chooseProject, projectInput } from './scope';
import { isWithin, readWindow, toIso, windowInput } from './time-window';
import { readStanding } from './token-standing';
import { readWire, wireField, wireJob, wireMergeRequest } from './wire-types';

const totalMs = 120_000;
const maxMergeRequests = 20;
const statuses = ['created', 'running', 'success', 'failed', 'canceled', 'skipped', 'blocked'] as const;

const input = z.object({
  project: projectInput
    .optional()
    .describe('Project: path with namespace (group/sub/project) or numeric id. Default: the one set on the connection'),
  from: windowInput.from.describe(
    'Start of the window in which the deployment was last updated, ISO 8601; UTC when it has no offset. Default: 24 hours before `to`',
  ),
  to: windowInput.to,
  environment: z
    .string()
    .max(255)
    .optional()
    .describe('Only those to this environment, by its full name, e.g. production'),
  status: z.enum(statuses).optional().describe('Only those in this state. Default: all'),
  include_merge_requests: z
    .boolean()
    .default(false)
    .describe('Whether to name the merge requests that each deployment brought; one more request each. Default: false'),
  limit: z.number().int().min(1).max(100).default(20).describe('Most deployments of one page, 1 to 100. Default: 20'),
  cursor: z.string().max(200).optional().describe('`next` of the page before; with the same other input'),
});

const deploymentSchema = z.object({
  id: z.number().int(),
  environment: z.string().nullable(),
  status: z.string(),
  ref: z.string().nullable(),
  sha: z.string().nullable(),
  user: z.string().nullable().describe('User name of who deployed'),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  job: z
    .object({
      id: z.number().int(),
      name: z.string(),
      status: z.string(),
      runner: z.string().nullable(),
      runner_type: z.string().nullable().describe('instance_type, group_type or project_type'),
      web_url: z.string().nullable(),
    })
    .nullable()
    .describe('The job that deployed; null for deployments made over the API'),
  merge_requests: z
    .array(
      mergeRequestSchema.pick({
        project: true,
        iid: true,
        title: true,
        author: true,
        merged_by: true,
        merged_at: true,
        web_url: true,
      }),
    )
    .nullable()
    .describe('At most 20; null when they were not asked for or could not be read'),
});

const output = z.object({
  ...availabilityFields,
  deployments: z.array(deploymentSchema).describe('Newest first by updated_at'),
  count: z.number().int(),
  window: z.object({ field: z.literal('updated'), from: z.string(), to: z.string() }),
  notes: z.array(z.string()).describe('What could not be read'),
  complete: z.boolean().describe('False when there are more in the window, or something could not be read'),
  next: z.string().nullable().describe('Pass it as `cursor` for older deployments; null when there are none'),
});

const { text, id, instant, optional, user } = wireField;
export const wireDeployment = z.object({
  id,
  status: text,
  ref: text,
  sha: text,
  created_at: instant,
  updated_at: instant,
  user,
  environment: optional(z.object({ name: text })),
  deployable: optional(wireJob),
});
type WireDeployment = z.output<typeof wireDeployment>;

export const listDeployments = defineOperation({
  name: 'list_deployments',
  toolset: 'gitlab',
  resource: 'Deployment',
  title: 'Get Many',
  action: 'Get many deployments',
  description:
    'Lists the deployments of a GitLab project that were updated in a time window (default: the last 24 hours), newest first: environment, commit, who deployed, the job and the runner that did it, and on request the merge requests that went out with each. At most `limit` a page (default 20, max 100). Says so when the token does not give them.',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { project: 'simulated-corp/platform/infrastructure', include_merge_requests: true, limit: 3 },
  varies: ['window.from', 'window.to'],
  echoOnError: ['project'],
  list: 'deployments',
  async run(ports, given) {
    const gitlab = await GitLab.open(ports, totalMs);
    const project = chooseProject(gitlab.connection, given.project);
    const path = projectPath(project);
    const what = `project ${project}`;
    const at = given.cursor?.trim() ? readPageCursor('deployments', given.cursor) : undefined;
    const window = at ?? readWindow(ports.now(), given.from, given.to);
    const page = at?.page ?? 1;
    const size = at?.size ?? given.limit;
    const shown = { field: 'updated' as const, from: toIso(window.from), to: toIso(window.to) };
    const environment = given.environment?.trim() ?? '';
    const read = await attempt(() =>
      gitlab.page(
        `${path}/deployments`,
        {
          updated_after: toIso(window.from),
          updated_before: toIso(window.to),
          // GitLab refuses the window under any other order.
          order_by: 'updated_at',
          sort: 'desc',
          environment,
          status: given.status,
          per_page: size,
          page,
        },
        `the deployments of ${what}`,
        (value) => readWire(wireDeployment, value, 'a deployment of the list'),
      ),
    );
    if (read instanceof OperationError) {
      const itself = await attempt(() => gitlab.get(path, {}, what));
      const need = { what: 'Deployments', role: 'Reporter', edition: 'Free' } as const;
      const why =
        itself instanceof OperationError
          ? unreadable(itself)
          : await explainRefusal(gitlab, read, need, await readStanding(gitlab, path));
      return { ...why, deployments: [], count: 0, window: shown, notes: [], complete: false, next: null };
    }
    const fitting = read.items.filter(
      (wire) =>
        isWithin(window, wire.updated_at) &&
        (environment === '' || wire.environment?.name === environment) &&
        (given.status === undefined || wire.status === given.status),
    );
    const notes: string[] = [];
    const deployments = await mapConcurrently(fitting, async (wire) => ({
      ...shapeDeployment(wire),
      merge_requests: given.include_merge_requests ? await readMergeRequests(gitlab, path, wire, notes) : null,
    }));
    return {
      ...available,
      deployments,
      count: deployments.length,
      window: shown,
      notes,
      complete: read.next === undefined && notes.length === 0,
      next: read.next === undefined ? null : pageCursor('deployments', { ...window, page: page + 1, size }),
    };
  },
});

async function readMergeRequests(gitlab: GitLab, path: string, wire: WireDeployment, notes: string[]) {
  const listed = await attempt(() =>
    gitlab.list(
      `${path}/deployments/${wire.id}/merge_requests`,
      {},
      `the merge requests of deployment ${wire.id}`,
      maxMergeRequests,
      (value) => readWire(wireMergeRequest, value, 'a merge request of the list'),
    ),
  );
  if (listed instanceof OperationError) {
    notes.push(`Deployment ${wire.id}: ${listed.message}`);
    return null;
  }
  if (!listed.complete) notes.push(`Deployment ${wire.id} brought more than ${maxMergeRequests} merge requests.`);
  return listed.items.map((item) => {
    const { project, iid, title, author, merged_by, merged_at, web_url } = shapeMergeRequest(
      gitlab.connection.baseUrl,
      item,
    );
    return { project, iid, title, author, merged_by, merged_at, web_url };
  });
}

function shapeDeployment(wire: WireDeployment): Omit<z.output<typeof deploymentSchema>, 'merge_requests'> {
  const job = wire.deployable;
  return {
    id: wire.id,
    environment: lineOrNull(wire.environment?.name ?? null),
    status: cleanLine(wire.status ?? 'unknown', 40),
    ref: lineOrNull(wire.ref),
    sha: lineOrNull(wire.sha),
    user: userName(wire.user),
    created_at: wire.created_at,
    updated_at: wire.updated_at,
    job: job && {
      id: job.id,
      name: cleanLine(job.name ?? '', 255),
      status: cleanLine(job.status ?? 'unknown', 40),
      runner: lineOrNull(job.runner?.description ?? null),
      runner_type: lineOrNull(job.runner?.runner_type ?? null, 40),
      web_url: webUrl(job.web_url),
    },
  };
}
