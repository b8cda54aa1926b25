import { request as httpRequest } from 'node:http';
import type {
  IAuthenticateGeneric,
  ICredentialDataDecryptedObject,
  ICredentialType,
  IDataObject,
  IExecuteFunctions,
  IHttpRequestOptions,
  INode,
  INodeExecutionData,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError, UserError } from 'n8n-workflow';
import { GitLabSocApi } from '../../../credentials/GitLabSocApi.credentials';
import { PantherApi } from '../../../credentials/PantherApi.credentials';
import { SocBridgeApi } from '../../../credentials/SocBridgeApi.credentials';
import { SocSlackApi } from '../../../credentials/SocSlackApi.credentials';

const credentialTypes: ICredentialType[] = [
  new PantherApi(),
  new GitLabSocApi(),
  new SocSlackApi(),
  new SocBridgeApi(),
];

/** A parameter as n8n has it: a value, or an expression over the item. */
type Parameter = unknown | ((json: IDataObject, index: number) => unknown);

export interface ExecutionSetup {
  items: INodeExecutionData[];
  parameters: Record<string, Parameter>;
  credentials?: Record<string, ICredentialDataDecryptedObject>;
  onError?: INode['onError'];
  signal?: AbortSignal;
}

export interface Execution {
  context: IExecuteFunctions;
  log: { level: string; message: string }[];
}

/**
 * What n8n gives to a node's `execute`, over a real HTTP client: parameters resolved for each item, credentials applied
 * from the credential classes, failures wrapped in NodeApiError, and the stop signal taken from the context as
 * n8n-core 2.41 does it.
 */
export function execution(setup: ExecutionSetup): Execution {
  const log: Execution['log'] = [];
  const node: INode = {
    id: 'node-1',
    name: 'Node under test',
    type: 'n8n-nodes-soc.socInvestigation',
    typeVersion: 1,
    position: [0, 0],
    parameters: {},
    credentials: Object.fromEntries(
      Object.keys(setup.credentials ?? {}).map((type) => [type, { id: `id-${type}`, name: type }]),
    ),
    ...(setup.onError === undefined ? {} : { onError: setup.onError }),
  };
  const write = (level: string) => (message: string) => log.push({ level, message });

  const context = {
    getInputData: () => setup.items,
    getNode: () => structuredClone(node),
    getNodeParameter(name: string, index: number, fallback?: unknown) {
      const parameter = setup.parameters[name];
      if (parameter === undefined && fallback === undefined) throw new UserError(`Could not get parameter "${name}"`);
      if (parameter === undefined) return fallback;
      return resolve(parameter, setup.items[index]?.json ?? {}, index);
    },
    async getCredentials(type: string) {
      const data = setup.credentials?.[type];
      if (data === undefined) throw new Error(`no credential of type ${type}`);
      return data;
    },
    getExecutionCancelSignal: () => setup.signal,
    continueOnFail: () => setup.onError !== undefined && setup.onError !== 'stopWorkflow',
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    addExecutionHints: () => {},
    helpers: {
      async httpRequestWithAuthentication(this: IExecuteFunctions, type: string, options: IHttpRequestOptions) {
        const signal = this.getExecutionCancelSignal();
        try {
          return await send(await authenticated(type, await this.getCredentials(type), options), signal);
        } catch (error) {
          throw new NodeApiError(node, error as JsonObject);
        }
      },
    },
  };
  return { context: context as unknown as IExecuteFunctions, log };
}

function resolve(parameter: Parameter, json: IDataObject, index: number): unknown {
  if (typeof parameter === 'function') return (parameter as (json: IDataObject, index: number) => unknown)(json, index);
  if (typeof parameter === 'object' && parameter !== null && !Array.isArray(parameter)) {
    return Object.fromEntries(Object.entries(parameter).map(([key, value]) => [key, resolve(value, json, index)]));
  }
  return parameter;
}

async function authenticated(
  type: string,
  data: ICredentialDataDecryptedObject,
  options: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
  const credential = credentialTypes.find(({ name }) => name === type);
  if (credential === undefined) throw new Error(`no credential type ${type}`);
  if (typeof credential.authenticate === 'function') return credential.authenticate(data, options);
  const { properties } = credential.authenticate as IAuthenticateGeneric;
  const headers: IDataObject = { ...options.headers };
  for (const [name, template] of Object.entries(properties.headers ?? {})) {
    headers[name] = String(template)
      .replace(/^=/, '')
      .replace(/\{\{\$credentials\.(\w+)\}\}/g, (_, field: string) => String(data[field]));
  }
  return { ...options, headers };
}

function send(options: IHttpRequestOptions, signal: AbortSignal | undefined) {
  return new Promise<unknown>((resolvePromise, reject) => {
    const request = httpRequest(
      options.url,
      {
        method: options.method ?? 'GET',
        headers: options.headers as Record<string, string>,
        timeout: options.timeout,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolvePromise({
            statusCode: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('timeout', () =>
      request.destroy(Object.assign(new Error('timeout exceeded'), { code: 'ECONNABORTED' })),
    );
    request.on('error', reject);
    if (typeof options.body === 'string') request.write(options.body);
    request.end();
  });
}
