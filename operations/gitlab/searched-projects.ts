import { cleanLine } from '../text';
import { projectPath } from './address';
import type { GitLab } from './client';
import type { Scope } from './scope';
import { readWire, type WireProject, wireProject } from './wire-types';

/** Largest group that is searched whole; GitLab has no list of pipelines for a group. */
const maxProjects = 300;

export interface SearchedProject {
  id: number;
  path: string;
  what: string;
  name: string;
  /** Null for an empty repository, and where GitLab does not tell. */
  defaultBranch: string | null;
  /** When something last happened in it; GitLab may be an hour late with it. */
  lastActivityAt: string | null;
}

/** The project of a scope, or the projects of a group with those of its subgroups; archived ones run nothing. */
export async function projectsOf(
  gitlab: GitLab,
  scope: Scope,
): Promise<{ projects: SearchedProject[]; complete: boolean }> {
  if (scope.kind !== 'group') {
    const value = await gitlab.get(scope.path, {}, scope.what);
    const project = readWire(wireProject, value, scope.what);
    return { projects: [{ ...searched(project), what: scope.what }], complete: true };
  }
  const listed = await gitlab.list(
    `${scope.path}/projects`,
    { include_subgroups: true, archived: false, simple: true, order_by: 'id', sort: 'asc' },
    `the projects of ${scope.what}`,
    maxProjects,
    (value) => readWire(wireProject, value, 'a project of the list'),
  );
  const projects = listed.items.filter((project) => project.archived !== true).map(searched);
  return { projects, complete: listed.complete };
}

function searched(project: WireProject): SearchedProject {
  const name = cleanLine(project.path_with_namespace ?? String(project.id), 1000);
  return {
    id: project.id,
    path: projectPath(String(project.id)),
    what: `project ${name}`,
    name,
    defaultBranch: project.default_branch,
    lastActivityAt: project.last_activity_at,
  };
}
