import type { Effect, Operation, Toolset } from '../../../operations/operation';

/** The groups of tools that people choose from and grant. What an operation belongs to is `toolsetOf`. */
export const toolsetNames = ['panther', 'gitlab', 'slack', 'cases', 'analytics', 'compliance', 'response'] as const;
export type ToolsetName = (typeof toolsetNames)[number];

const nameOf: Record<Toolset, ToolsetName> & Record<string, ToolsetName> = {
  panther: 'panther',
  gitlab: 'gitlab',
  slack: 'slack',
  investigation: 'cases',
  analytics: 'analytics',
  compliance: 'compliance',
  response: 'response',
};

export function toolsetOf({ toolset }: Pick<Operation, 'toolset'>): ToolsetName {
  const name = nameOf[toolset];
  if (name === undefined) throw new Error(`the toolset ${toolset} has no name for people`);
  return name;
}

const levels = ['read', 'write', 'destructive'] as const satisfies readonly Effect[];

/** Stands for every toolset: `soc:read`, `soc:write`, `soc:destructive`. */
const everyToolset = 'soc';

/** What a credential may do at most, such as `panther:read` or `soc:write`. A higher level holds the ones below it. */
export type Scope = `${ToolsetName | typeof everyToolset}:${Effect}`;

/** Everything. */
export const everyScope: readonly Scope[] = ['soc:destructive'];

/** All scopes that exist, in the order people read them. */
export const knownScopes: readonly Scope[] = [everyToolset, ...toolsetNames].flatMap((subject) =>
  levels.map((level): Scope => `${subject as ToolsetName}:${level}`),
);

export function isScope(text: string): text is Scope {
  return (knownScopes as readonly string[]).includes(text);
}

/** The least scope that lets a call of this tool through. */
export function scopeFor(operation: Pick<Operation, 'toolset' | 'effect'>): Scope {
  return `${toolsetOf(operation)}:${operation.effect}`;
}

/** Whether one of `held` covers `needed`; whatever is no scope of ours covers nothing. */
export function covers(held: readonly string[], needed: Scope): boolean {
  const [subject, level] = needed.split(':') as [string, Effect];
  return held.some((scope) => {
    if (!isScope(scope)) return false;
    const [heldSubject, heldLevel] = scope.split(':') as [string, Effect];
    return (
      (heldSubject === subject || heldSubject === everyToolset) && levels.indexOf(heldLevel) >= levels.indexOf(level)
    );
  });
}
