import { OperationError } from '../../../operations/errors';
import type { Effect, Operation } from '../../../operations/operation';

/** How far the tools of one service may go. Each level holds the ones before it. */
export const allowedEffects = ['read', 'write', 'destructive'] as const;

export type Decision = { offered: true } | { offered: false; reason: OperationError };

const yes: Decision = { offered: true };

/**
 * Whether a tool is offered, and why not. A tool that is withheld is known and says what would bring it back; an unknown
 * one is no tool at all. `held` are the permissions of Panther's token, undefined while they cannot be read: then nothing
 * is withheld for them, because Panther itself refuses what the token may not do.
 *
 * An operation may name several permissions of which any one lets it do a part, so it is withheld only when the token
 * has none of them.
 */
export function decide(operation: Operation, allowed: Effect, held: readonly string[] | undefined): Decision {
  // Cases and people are the bridge's own work; only Panther's own tools can change what other people rely on there.
  if (operation.services.length !== 1 || operation.services[0] !== 'panther' || operation.toolset !== 'panther')
    return yes;
  if (allowedEffects.indexOf(operation.effect) > allowedEffects.indexOf(allowed)) {
    return no(
      `${operation.name} is withheld: this bridge lets Panther's tools ${allowed === 'read' ? 'only read' : 'change, but not remove or disable, things'}. Set PANTHER_ALLOW=${operation.effect} in its environment and start it again.`,
      { tool: operation.name, variable: 'PANTHER_ALLOW' },
    );
  }
  const { permissions } = operation;
  if (held === undefined || permissions.length === 0 || permissions.some((name) => held.includes(name))) return yes;
  return no(
    `${operation.name} is withheld: the token of Panther lacks ${permissions.join(' and ')}. Grant it under Settings > API Tokens; the bridge notices within minutes.`,
    { tool: operation.name, permission: permissions.join(',') },
  );
}

function no(message: string, details: OperationError['details']): Decision {
  return { offered: false, reason: new OperationError('missing_permission', message, details) };
}
