import { z } from 'zod';
import { InvalidInputError } from '../errors';
import type { Connection } from '../ports';
import { groupPath, projectPath, readNamespace } from './address';

export const projectInput = z
  .string()
  .max(1000)
  .describe('Project: path with namespace (group/sub/project), numeric id or address');
export const groupInput = z.string().max(1000).describe('Group with its subgroups: full path, numeric id or address');

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
  const { baseUrl } = connection;
  if (project !== '') return projectScope(baseUrl, project);
  if (group !== '') return groupScope(baseUrl, group);
  const { project: defaultProject = '', group: defaultGroup = '' } = connection.defaults;
  if (defaultProject !== '') return projectScope(baseUrl, defaultProject);
  if (defaultGroup !== '') return groupScope(baseUrl, defaultGroup);
  return { kind: 'instance', path: '', what: 'the instance' };
}

/**
 * For lists of groups and projects: the group that was given, else the connection's default group, else the instance;
 * `whole_instance` sets the default aside, and is refused together with a group.
 */
export function chooseGroupOrInstance(
  connection: Connection,
  input: { group?: string; whole_instance: boolean },
): Exclude<Scope, { kind: 'project' }> {
  const given = input.group?.trim() ?? '';
  if (given !== '' && input.whole_instance)
    throw new InvalidInputError('group', 'does not go with whole_instance; leave out one of the two');
  const group = given !== '' || input.whole_instance ? given : (connection.defaults.group ?? '');
  return group === '' ? { kind: 'instance', path: '', what: 'the instance' } : groupScope(connection.baseUrl, group);
}

/** A single project: the one given or the connection's default. */
export function chooseProject(connection: Connection, project: string | undefined): string {
  const given = project?.trim() || connection.defaults.project || '';
  if (given === '')
    throw new InvalidInputError('project', 'is needed here; give its path with namespace or numeric id');
  return readNamespace(connection.baseUrl, given, 'project');
}

function projectScope(baseUrl: string, value: string): Scope {
  const id = readNamespace(baseUrl, value, 'project');
  return { kind: 'project', id, path: projectPath(id), what: `project ${id}` };
}

function groupScope(baseUrl: string, value: string): Extract<Scope, { kind: 'group' }> {
  const id = readNamespace(baseUrl, value, 'group');
  return { kind: 'group', id, path: groupPath(id), what: `group ${id}` };
}
