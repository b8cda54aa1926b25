import { groupEntity, type Json, projectEntity } from './entities';
import { ok, type RequestContext, type Route } from './request-context';
import type { Group, Project } from './world';

/** What `simple=true` leaves: neither whether a project is archived nor who may see it. */
const SIMPLE = [
  'id',
  'description',
  'name',
  'name_with_namespace',
  'path',
  'path_with_namespace',
  'created_at',
  'default_branch',
  'topics',
  'ssh_url_to_repo',
  'http_url_to_repo',
  'web_url',
  'readme_url',
  'forks_count',
  'star_count',
  'last_activity_at',
  'namespace',
];

/** Words shorter than this are found only where they are a whole name. */
const SHORTEST_PARTIAL = 3;

/** GitLab's search: every word in one of the texts; a short one has to be all of it. */
function found(query: string | undefined, texts: readonly string[]): boolean {
  const words = (query ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) =>
    texts.some((text) => (word.length < SHORTEST_PARTIAL ? text.toLowerCase() === word : includes(text, word))),
  );
}

const includes = (text: string, word: string): boolean => text.toLowerCase().includes(word);

function listProjects(c: RequestContext, projects: readonly Project[], wholePaths: boolean) {
  const { query } = c;
  const archived = query.boolean('archived');
  const search = query.text('search');
  const order = query.oneOf('order_by', [
    'id',
    'name',
    'path',
    'created_at',
    'updated_at',
    'last_activity_at',
    'star_count',
  ]);
  const direction = query.oneOf('sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const entities = projects
    .filter(
      (project) =>
        (archived === undefined || project.archived === archived) &&
        found(search, [
          wholePaths ? project.path : (project.path.split('/').pop() ?? ''),
          project.name,
          project.description,
        ]),
    )
    .map((project) => projectEntity(project, c.base));
  const key = (entity: Json) => entity[order ?? 'created_at'] as string | number;
  entities.sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return (left < right ? -1 : left > right ? 1 : Number(a.id) - Number(b.id)) * direction;
  });
  const simple = query.boolean('simple') === true;
  const answer = c.page(entities);
  return {
    ...answer,
    body: simple
      ? answer.body.map((entity) => Object.fromEntries(SIMPLE.map((name) => [name, entity[name]])))
      : answer.body,
  };
}

function listGroups(c: RequestContext, groups: readonly Group[]) {
  const { query } = c;
  const order = query.oneOf('order_by', ['name', 'path', 'id', 'similarity']) ?? 'name';
  const direction = query.oneOf('sort', ['asc', 'desc']) === 'desc' ? -1 : 1;
  const search = query.text('search');
  const key = (group: Group): string | number =>
    order === 'id' ? group.id : order === 'path' ? group.path : group.name;
  const sorted = groups
    // Only the last part of the path is searched.
    .filter((group) => found(search, [group.path.split('/').pop() ?? '', group.name]))
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id) * direction);
  const answer = c.page(sorted);
  return { ...answer, body: answer.body.map((group) => groupEntity(group, c.base)) };
}

/** An administrator sees everything and is a member of nothing. */
function isMember(c: RequestContext, open: boolean): boolean {
  return c.settings.tokenRole !== 'admin' && !open;
}

/** Lists of projects and groups, and single groups. */
export const NAMESPACE_ROUTES: Route[] = [
  {
    path: 'projects',
    answer: (c) => {
      const membership = c.query.boolean('membership') === true;
      const visible = c.world.projects.filter(
        (project) => !project.hidden && (!membership || isMember(c, project.open === true)),
      );
      return listProjects(c, visible, c.query.boolean('search_namespaces') === true);
    },
  },
  {
    path: 'groups',
    answer: (c) => {
      const all = c.query.boolean('all_available') ?? c.settings.tokenRole === 'admin';
      return listGroups(
        c,
        c.world.groups.filter((group) => all || isMember(c, group.open === true)),
      );
    },
  },
  {
    path: 'groups/:id',
    answer: (c) => {
      const group = c.group();
      const entity = groupEntity(group, c.base);
      if (c.query.boolean('with_projects') === false) return ok(entity);
      const projects = c.projectsOf(group, false).map((project) => projectEntity(project, c.base));
      return ok({ ...entity, projects, shared_projects: [] });
    },
  },
  {
    path: 'groups/:id/projects',
    answer: (c) => listProjects(c, c.projectsOf(c.group(), c.query.boolean('include_subgroups') === true), false),
  },
  {
    path: 'groups/:id/descendant_groups',
    answer: (c) => {
      const { path } = c.group();
      return listGroups(
        c,
        c.world.groups.filter((group) => group.path.startsWith(`${path}/`)),
      );
    },
  },
];
