import { cleanLine } from '../text';
import { projectPath } from './address';
import type { GitLab } from './client';
import type { Scope } from './scope';
import { readWire, wireProject } from './wire-types';

/** Largest group that is searched whole; GitLab has no list of pipelines for a group. */
const maxProjects = 300;

export interface SearchedProject {
  path: string;
  what: string;
  name: string;
}

/** The project of a scope, or the projects of a group with those of its subgroups; archived ones run nothing. */
export async function projectsOf(
  gitlab: GitLab,
  scope: Scope,
): Promise<{ projects: SearchedProject[]; complete: boolean }> {
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
