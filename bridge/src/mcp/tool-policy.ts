import { OperationError } from '../../../operations/errors';
import type { Effect, Operation } from '../../../operations/operation';

/** How far the tools of one service may go. Each level holds the ones before it. */
export const allowedEffects = ['read', 'write', 'destructive'] as const;

/** The services whose own tools can change what other people rely on, and the variable that lets them. */
const switches = {
  panther: { variable: 'PANTHER_ALLOW', name: 'Panther' },
  gitlab: { variable: 'GITLAB_ALLOW', name: 'GitLab' },
} as const;
type Switched = keyof typeof switches;

/** What was switched on, by service. */
export type Allowed = Readonly<Record<Switched, Effect>>;

export type Decision = { offered: true } | { offered: false; reason: OperationError };

const yes: Decision = { offered: true };

/**
 * Whether a tool is offered, and why not. A tool that is withheld is known and says what would bring it back; an unknown
 * one is no tool at all. `held` are the permissions of Panther's token, undefined while they cannot be read: then nothing
 * is withheld for them, because Panther itself refuses what the token may not do.
 *
 * An operation may name several permissions of which any one lets it do a part, so it is withheld only when the token
 * has none of them. GitLab's tokens say nothing of the kind: what they may do depends on the project.
 */
export function decide(operation: Operation, allowed: Allowed, held: readonly string[] | undefined): Decision {
  const service = switchedService(operation);
  if (service === undefined) return yes;
  if (allowedEffects.indexOf(operation.effect) > allowedEffects.indexOf(allowed[service])) {
    const { variable, name } = switches[service];
    return no(
      `${operation.name} is withheld: this bridge lets ${name}'s tools ${allowed[service] === 'read' ? 'only read' : 'change, but not remove or disable, things'}. Set ${variable}=${operation.effect} in its environment and start it again.`,
      { tool: operation.name, variable },
    );
  }
  const { permissions } = operation;
  const mayDoSome = permissions.length === 0 || permissions.some((name) => held?.includes(name));
  if (service !== 'panther' || held === undefined || mayDoSome) return yes;
  return no(
    `${operation.name} is withheld: the token of Panther lacks ${permissions.join(' and ')}. Grant it under Settings > API Tokens; the bridge notices within minutes.`,
    { tool: operation.name, permission: permissions.join(',') },
  );
}

/** Cases and people are the bridge's own work; only the tools of a service itself are withheld. */
function switchedService({ services, toolset }: Operation): Switched | undefined {
  const [service, ...more] = services;
  if (more.length > 0 || service !== toolset || !(toolset in switches)) return undefined;
  return toolset as Switched;
}

function no(message: string, details: OperationError['details']): Decision {
  return { offered: false, reason: new OperationError('missing_permission', message, details) };
}
