import { z } from 'zod';
import { InvalidInputError } from '../errors';
import type { Connection } from '../ports';
import { checkNamespace, groupPath, projectPath } from './address';

export const projectInput = z
  .string()
  .max(1000)
  .describe('Project: path with namespace (group/sub/project) or numeric id');
export const groupInput = z.string().max(1000).describe('Group with its subgroups: full path or numeric id');

/** Where an operation looks. */
export type Scope =
  | { kind: 'project'; id: string; path: string; what: string }
  | { kind: 'group'; id: string; path: string; what: string }
  | { kind: 'instance'; path: ''; what: string };

/**
 * The project or group that was given, else the connection's default project, else its default group, else the whole
 * instance. Giving both is refused, because one of them would be ignored silently.
 */
export function chooseScope(connection: Connection, input: { project?: string; group?: string }): Scope {
  const project = input.project?.trim() ?? '';
  const group = input.group?.trim() ?? '';
  if (project !== '' && group !== '') throw new InvalidInputError('group', 'give a project or a group, not both');
  if (project !== '') return projectScope(project);
  if (group !== '') return groupScope(group);
  const { project: defaultProject = '', group: defaultGroup = '' } = connection.defaults;
  if (defaultProject !== '') return projectScope(defaultProject);
  if (defaultGroup !== '') return groupScope(defaultGroup);
  return { kind: 'instance', path: '', what: 'the instance' };
}

/** A single project: the one given or the connection's default. */
export function chooseProject(connection: Connection, project: string | undefined): string {
  const given = project?.trim() || connection.defaults.project || '';
  if (given === '')
    throw new InvalidInputError('project', 'is needed here; give its path with namespace or numeric id');
  return checkNamespace(given, 'project');
}

function projectScope(value: string): Scope {
  const id = checkNamespace(value, 'project');
  return { kind: 'project', id, path: projectPath(id), what: `project ${id}` };
}

function groupScope(value: string): Scope {
  const id = checkNamespace(value, 'group');
  return { kind: 'group', id, path: groupPath(id), what: `group ${id}` };
}
