import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { accountName } from '../operations/account';
import { OperationError } from '../operations/errors';
import { pantherEndpoints } from '../operations/panther/base-url';
import type { Connection, Service } from '../operations/ports';

/** What our calls need of n8n's contexts; nodes that execute, polls and webhooks all have it. */
export type CallContext = Pick<IExecuteFunctions, 'getNode' | 'getCredentials' | 'logger'> & {
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequestWithAuthentication'>;
  /** Only executions can be stopped. */
  getExecutionCancelSignal?: IExecuteFunctions['getExecutionCancelSignal'];
};

/** The credential types of this package, by what they open. */
export const credentialTypes = {
  panther: 'pantherApi',
  gitlab: 'gitLabSocApi',
  slack: 'socSlackApi',
  bridge: 'socBridgeApi',
} as const;

export type Target = Service | 'bridge';

const labels: Record<Target, string> = {
  panther: 'Panther API',
  gitlab: 'GitLab SOC API',
  slack: 'SOC Slack API',
  bridge: 'SOC Bridge API',
};

/** Whether the node has a credential of this kind chosen. n8n checks again when it is used. */
export function hasCredential(context: CallContext, target: Target): boolean {
  return context.getNode().credentials?.[credentialTypes[target]] !== undefined;
}

/** Where a target lives and its defaults; secrets stay out. Throws OperationError `unauthenticated` without one. */
export async function connectionOf(context: CallContext, target: Target): Promise<Connection> {
  if (!hasCredential(context, target)) {
    throw new OperationError(
      'unauthenticated',
      `This operation needs a credential of type ${labels[target]}. Choose one in the node.`,
      { credential: credentialTypes[target] },
    );
  }
  const data = await context.getCredentials(credentialTypes[target]);
  const connection = describeCredential(target, data);
  const parsed = parseAddress(connection.baseUrl);
  if (parsed === undefined) {
    throw new OperationError(
      'unauthenticated',
      `The credential of type ${labels[target]} has no usable address ("${connection.baseUrl}"). Write it as https://host.`,
      { credential: credentialTypes[target] },
    );
  }
  const secret = data[secretFields[target]];
  return { ...connection, account: accountName(connection.baseUrl, typeof secret === 'string' ? secret : undefined) };
}

const secretFields: Record<Target, string> = {
  panther: 'apiToken',
  gitlab: 'accessToken',
  slack: 'botToken',
  bridge: 'token',
};

function describeCredential(target: Target, data: ICredentialDataDecryptedObject): Connection {
  switch (target) {
    case 'panther':
      return {
        baseUrl: withScheme(address(data.apiUrl)),
        defaults: present({
          dialect: data.dialect,
          max_window_days: data.maxWindowDays,
          databases: data.databases,
          pragmas: data.pragmas,
          cache_seconds: data.cacheSeconds,
        }),
      };
    case 'gitlab':
      return {
        baseUrl: address(data.url).replace(/\/api\/v4$/, ''),
        defaults: present({ group: data.group, project: data.project }),
      };
    case 'slack':
      return {
        baseUrl: address(data.apiUrl) || 'https://slack.com/api',
        defaults: present({
          channel_critical: data.channelCritical,
          channel_high: data.channelHigh,
          channel_medium: data.channelMedium,
          channel_low: data.channelLow,
          channel_default: data.channelDefault,
        }),
      };
    case 'bridge':
      return { baseUrl: address(data.url).replace(/\/mcp$/, ''), defaults: {} };
  }
}

/**
 * The address under which a credential may go. People paste several forms of Panther's address; both of its APIs lie
 * under the one that this gives.
 */
export function scopeOf(target: Target, baseUrl: string): string {
  if (target !== 'panther') return baseUrl;
  try {
    return pantherEndpoints(baseUrl).rest;
  } catch {
    return baseUrl;
  }
}

function address(value: unknown): string {
  return typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
}

/** People paste a host alone, too; Panther is reached over https then. */
function withScheme(text: string): string {
  return text === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
}

function present(values: Record<string, unknown>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    // A list of options arrives as an array, a number as one.
    const text = Array.isArray(value) ? value.join(',') : typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && text.trim() !== '') result[key] = text.trim();
  }
  return result;
}

function parseAddress(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `url` lies at or under `baseUrl`: the same origin, no user in it, and the base's path as whole segments. */
export function isUnder(baseUrl: string, url: string): boolean {
  const base = parseAddress(baseUrl);
  const target = parseAddress(url);
  if (base === undefined || target === undefined) return false;
  if (target.origin !== base.origin || target.username !== '' || target.password !== '') return false;
  const root = base.pathname.replace(/\/+$/, '');
  return target.pathname === root || target.pathname.startsWith(`${root}/`);
}
