import { OperationError } from '../../../operations/errors';
import type { Effect, Operation } from '../../../operations/operation';
import { covers, scopeFor, toolsetOf } from '../access/scopes';
import type { ToolSelection } from './tool-selection';
import type { ToolSettings } from './tool-settings';

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

/** What said no. The order of `decide` is the order of this list: the first that objects is the reason. */
export type Withholder =
  | 'deny_list'
  | 'read_only'
  | 'allow_list'
  | 'toolset'
  | 'service_switch'
  | 'service_token'
  | 'request'
  | 'scope';

export type Decision = { offered: true } | { offered: false; by: Withholder; reason: OperationError };

/** Everything a decision depends on. */
export interface PolicyInput {
  settings: ToolSettings;
  allowed: Allowed;
  /** Permissions of Panther's token; undefined when they cannot be read. */
  held: readonly string[] | undefined;
  /** What the request narrowed itself to. */
  selection?: ToolSelection;
  /** What the caller's credential may do; undefined when nobody is asking in particular. */
  scopes?: readonly string[];
}

const yes: Decision = { offered: true };

/**
 * Whether a tool is offered, and why not. A tool that is withheld is known and says what would bring it back; an unknown
 * one is no tool at all. Deny wins over everything, then read-only, then the lists; a request can only narrow what its
 * owner allows, and a credential what the request asks for.
 *
 * While the permissions of Panther's token cannot be read nothing is withheld for them, because Panther itself refuses
 * what the token may not do. An operation may name several of which any one lets it do a part, so it is withheld only
 * when the token has none of them. GitLab's tokens say nothing of the kind: what they may do depends on the project.
 */
export function decide(operation: Operation, policy: PolicyInput): Decision {
  const { settings, selection = {}, scopes } = policy;
  const { name, effect } = operation;
  const toolset = toolsetOf(operation);
  if (settings.deny.has(name)) return withheld(name, 'deny_list', 'SOC_TOOLS_DENY names it', 'SOC_TOOLS_DENY');
  if (settings.readOnly && effect !== 'read') {
    return withheld(name, 'read_only', 'this bridge only reads (SOC_READ_ONLY=true)', 'SOC_READ_ONLY');
  }
  if (settings.only !== undefined && !settings.only.has(name)) {
    return withheld(name, 'allow_list', 'SOC_TOOLS does not name it', 'SOC_TOOLS');
  }
  if (settings.toolsets !== undefined && !settings.toolsets.has(toolset)) {
    return withheld(name, 'toolset', `SOC_TOOLSETS does not hold its toolset, ${toolset}`, 'SOC_TOOLSETS');
  }
  const byService = ofService(operation, policy);
  if (!byService.offered) return byService;
  if (selection.readOnly && effect !== 'read') {
    return withheld(name, 'request', 'this connection asked to read only (read_only=true in its address)');
  }
  if (selection.toolsets !== undefined && !selection.toolsets.has(toolset)) {
    return withheld(
      name,
      'request',
      `this connection did not ask for its toolset, ${toolset} (toolsets= in its address)`,
    );
  }
  const needed = scopeFor(operation);
  if (scopes !== undefined && !covers(scopes, needed)) {
    return no(
      'scope',
      `${name} is withheld: your credential lacks the scope ${needed}. Ask the bridge's owner for one that has it.`,
      {
        tool: name,
        scope: needed,
      },
    );
  }
  return yes;
}

function ofService(operation: Operation, { allowed, held }: PolicyInput): Decision {
  const service = switchedService(operation);
  if (service === undefined) return yes;
  if (allowedEffects.indexOf(operation.effect) > allowedEffects.indexOf(allowed[service])) {
    const { variable, name } = switches[service];
    return no(
      'service_switch',
      `${operation.name} is withheld: this bridge lets ${name}'s tools ${allowed[service] === 'read' ? 'only read' : 'change, but not remove or disable, things'}. Set ${variable}=${operation.effect} in its environment and start it again.`,
      { tool: operation.name, variable },
    );
  }
  const { permissions } = operation;
  const mayDoSome = permissions.length === 0 || permissions.some((name) => held?.includes(name));
  if (service !== 'panther' || held === undefined || mayDoSome) return yes;
  return no(
    'service_token',
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

function withheld(name: string, by: Withholder, why: string, variable?: string): Decision {
  return no(by, `${name} is withheld: ${why}.`, variable === undefined ? { tool: name } : { tool: name, variable });
}

function no(by: Withholder, message: string, details: OperationError['details']): Decision {
  return { offered: false, by, reason: new OperationError('missing_permission', message, details) };
}
