import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { accountName } from '../operations/account';
import { OperationError } from '../operations/errors';
import { pantherEndpoints } from '../operations/panther/base-url';
import type { Connection, Service } from '../operations/ports';
import { bridgeAddress, bridgeSecret } from './bridge-credential';
import { parseAddress, withoutSlash } from './credential-address';

/** What our calls need of n8n's contexts; nodes that execute, polls and webhooks all have it. */
export type CallContext = Pick<IExecuteFunctions, 'getNode' | 'getCredentials' | 'logger'> & {
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequestWithAuthentication'> &
    Partial<Pick<IExecuteFunctions['helpers'], 'httpRequest'>>;
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

/** What a node can have a credential for: containment, and with it Okta, is the bridge's alone. */
export type Target = Exclude<Service, 'okta'> | 'bridge';

/** Throws for a service that only the bridge reaches: an operation that runs in n8n must not name it. */
export function targetOf(service: Service): Target {
  if (service !== 'okta') return service;
  throw new OperationError(
    'unavailable',
    'Okta is reached by the bridge only. Choose a credential of type SOC Bridge API.',
  );
}

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
  const secret = target === 'bridge' ? bridgeSecret(data) : data[secretFields[target]];
  return { ...connection, account: accountName(connection.baseUrl, typeof secret === 'string' ? secret : undefined) };
}

const secretFields: Record<Exclude<Target, 'bridge'>, string> = {
  panther: 'apiToken',
  gitlab: 'accessToken',
  slack: 'botToken',
};

function describeCredential(target: Target, data: ICredentialDataDecryptedObject): Connection {
  switch (target) {
    case 'panther':
      return {
        baseUrl: withScheme(withoutSlash(data.apiUrl)),
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
        baseUrl: withoutSlash(data.url).replace(/\/api\/v4$/, ''),
        defaults: present({ group: data.group, project: data.project }),
      };
    case 'slack':
      return {
        baseUrl: withoutSlash(data.apiUrl) || 'https://slack.com/api',
        defaults: present({
          channel_critical: data.channelCritical,
          channel_high: data.channelHigh,
          channel_medium: data.channelMedium,
          channel_low: data.channelLow,
          channel_default: data.channelDefault,
        }),
      };
    case 'bridge':
      return { baseUrl: bridgeAddress(data), defaults: {} };
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
