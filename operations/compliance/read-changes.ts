import { InvalidInputError, OperationError } from '../errors';
import { GitLab } from '../gitlab/client';
import { mapConcurrently } from '../gitlab/concurrency';
import { chooseScope, type Scope } from '../gitlab/scope';
import { projectsOf, type SearchedProject } from '../gitlab/searched-projects';
import { type TimeWindow, toIso } from '../gitlab/time-window';
import { sha256 } from '../investigation/canonical-json';
import type { Ports } from '../ports';
import { cleanText } from '../text';
import type { PopulationRow } from './csv-table';
import { partial } from './partial-answer';
import { type PopulationName, shapeOf } from './populations';
import type { QueryRecord } from './query-record';
import { readDeployments } from './read-deployments';
import { readMergeRequests } from './read-merge-requests';
import { readPushes } from './read-pushes';
import { readSettingChanges } from './read-setting-changes';

/** What one part of GitLab gave. */
export interface Found {
  rows: PopulationRow[];
  /** What is missing, in sentences; empty when nothing is. */
  problems: string[];
  /** Nothing at all could be read. */
  unread?: boolean;
}

/** Where the parts of change control are read from. */
export interface ChangeScope {
  gitlab: GitLab;
  scope: Exclude<Scope, { kind: 'instance' }>;
  projects: readonly SearchedProject[];
  window: TimeWindow;
  /** At most so many rows of a population. */
  most: number;
}

export interface ChangesReading {
  queries: QueryRecord[];
  rows: Partial<Record<PopulationName, PopulationRow[]>>;
}

const parts: { population: PopulationName; paths: string[]; read(scope: ChangeScope): Promise<Found> }[] = [
  {
    population: 'merge_requests',
    paths: [
      'merge_requests?state=merged',
      'merge_requests/:iid/approvals',
      'merge_requests/:iid/versions',
      'merge_requests/:iid/commits',
    ],
    read: readMergeRequests,
  },
  { population: 'pushes', paths: ['events?action=pushed', 'repository/commits/:sha/merge_requests'], read: readPushes },
  { population: 'setting_changes', paths: ['audit_events'], read: readSettingChanges },
  {
    population: 'deployments',
    paths: ['deployments', 'repository/commits/:sha/merge_requests'],
    read: readDeployments,
  },
];

export interface ChangesAsked {
  project?: string;
  group?: string;
  /** First instant, and the first one after the last; ISO 8601 in UTC. */
  from: string;
  to: string;
  maxRows: number;
}

/** Reads the populations of change control. What fails is a problem of its population; only a cancelled call throws. */
export async function readChanges(ports: Ports, asked: ChangesAsked, waitMs: number): Promise<ChangesReading> {
  const window = { from: Date.parse(asked.from), to: Date.parse(asked.to) - 1 };
  const reading: ChangesReading = { queries: [], rows: {} };
  const opened = await partial(() => open(ports, asked, window, waitMs));
  for (const { population, paths, read } of parts) {
    const found: Found =
      opened instanceof OperationError
        ? { rows: [], problems: [opened.message], unread: true }
        : await partFound(() => read(opened));
    const where = opened instanceof OperationError ? 'GitLab' : opened.scope.what;
    const text = `${shapeOf(population).title} of ${where} from ${toIso(window.from)} to ${toIso(window.to)}: ${paths.map((path) => `GET ${path}`).join(', ')}`;
    if (!found.unread) reading.rows[population] = found.rows;
    if (!(opened instanceof OperationError) && !opened.isWhole)
      found.problems.push('the group has more projects than are searched; name its subgroups one by one');
    reading.queries.push({
      id: `gitlab.${population}`,
      population,
      source: 'gitlab',
      text,
      text_sha256: sha256(text),
      database: null,
      query_id: null,
      rows: found.unread ? null : found.rows.length,
      row_count: null,
      complete: found.problems.length === 0 && !found.unread,
      problem: found.problems.length === 0 ? null : joined(found.problems),
    });
  }
  return reading;
}

async function open(ports: Ports, asked: ChangesAsked, window: TimeWindow, waitMs: number) {
  const gitlab = await GitLab.open(ports, waitMs);
  const scope = chooseScope(gitlab.connection, asked);
  if (scope.kind === 'instance')
    throw new InvalidInputError(
      'group',
      'is needed for change control; give a group or a project, or set one on the connection',
    );
  const { projects, complete } = await projectsOf(gitlab, scope);
  return { gitlab, scope, projects, window, most: asked.maxRows, isWhole: complete };
}

async function partFound(read: () => Promise<Found>): Promise<Found> {
  const found = await partial(read);
  return found instanceof OperationError ? { rows: [], problems: [found.message], unread: true } : found;
}

/** One list of every project: what one of them refuses is a problem, and its name is told. Unread when all refuse. */
export async function ofProjects(
  projects: readonly SearchedProject[],
  read: (project: SearchedProject) => Promise<Found>,
): Promise<Found> {
  const all = await mapConcurrently(projects, async (project) => {
    const found = await partFound(() => read(project));
    return { ...found, problems: found.problems.map((problem) => `${project.name}: ${problem}`) };
  });
  return {
    rows: all.flatMap(({ rows }) => rows),
    problems: all.flatMap(({ problems }) => problems),
    unread: all.length > 0 && all.every(({ unread }) => unread === true),
  };
}

function joined(problems: readonly string[]): string {
  const shown = [...new Set(problems)];
  const more = shown.length > 8 ? ` And ${shown.length - 8} more.` : '';
  return cleanText(`${shown.slice(0, 8).join(' ')}${more}`, 2_000);
}

/** Rows in the order of a time, so that equal answers give equal files. */
export function inOrder(rows: readonly PopulationRow[], ...columns: string[]): PopulationRow[] {
  return [...rows].sort((a, b) => {
    for (const column of columns) {
      const [one, other] = [a[column] ?? '', b[column] ?? ''];
      if (one !== other) return one < other ? -1 : 1;
    }
    return 0;
  });
}
