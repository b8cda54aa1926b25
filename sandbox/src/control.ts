import type { Fault, FaultBoard } from './faults';
import type { GitLabSettings } from './gitlab/access';
import { BEHAVIOURS, type Behaviour } from './model/completion';
import type { RaisedAlert } from './panther/alert-store';
import { RequestError } from './panther/query-log';
import type { PantherSettings } from './panther/token-access';
import type { ServiceHandler, ServiceRequest, ServiceResponse } from './service';

export interface ControlOptions {
  faults: FaultBoard;
  /** What `GET /` answers: urls, tokens and what the sandbox holds. */
  state: () => object;
  /** Recorded requests by service. */
  requests: Record<string, readonly object[]>;
  settings: PantherSettings;
  gitlabSettings: GitLabSettings;
  setModelBehaviour: (behaviour: Behaviour) => void;
  /** Raises an alert on the Panther stand-in; gives what its webhook destination would post. */
  raiseAlert: (given: RaisedAlert) => object;
  /** Answers everything below `/slack/`. */
  slack: ServiceHandler;
  /** The simulated accounts of AWS IAM and Okta as they stand. */
  accounts: () => object;
  sampleAlert: object | undefined;
  sampleAlerts: object;
  reset: () => void;
}

class BadRequest extends Error {}

/** The control endpoint: faults, reset, recorded requests and sample alerts. Loopback only, without a token. */
export function createControl(options: ControlOptions): ServiceHandler {
  return async (request, raw) => {
    if (request.path.startsWith('/slack/')) return options.slack(request, raw);
    try {
      return route(request, options);
    } catch (error) {
      if (error instanceof BadRequest) return { status: 400, body: { message: error.message } };
      throw error;
    }
  };
}

function route(request: ServiceRequest, options: ControlOptions): ServiceResponse {
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return { status: 200, body: options.state() };
    case 'POST /faults': {
      const body = jsonBody(request);
      const faults = (Array.isArray(body) ? body : [body]).map((fault) =>
        checkedFault(fault, Object.keys(options.requests)),
      );
      for (const fault of faults) options.faults.add(fault);
      return { status: 201, body: { added: faults.length } };
    }
    case 'DELETE /faults':
      options.faults.clear();
      return { status: 204 };
    case 'POST /reset':
      options.reset();
      return { status: 204 };
    case 'GET /requests': {
      const service = request.query.get('service');
      if (service === null) return { status: 200, body: options.requests };
      const recorded = options.requests[service];
      if (!recorded)
        throw new BadRequest(`unknown service ${service}; there are ${Object.keys(options.requests).join(', ')}`);
      return { status: 200, body: recorded };
    }
    case 'GET /accounts':
      return { status: 200, body: options.accounts() };
    case 'GET /sample-alert':
      return options.sampleAlert
        ? { status: 200, body: options.sampleAlert }
        : { status: 404, body: { message: 'the loaded events hold nothing that a sample rule matches' } };
    case 'GET /sample-alerts':
      return { status: 200, body: options.sampleAlerts };
    case 'POST /panther/settings':
      Object.assign(options.settings, checkedSettings(jsonBody(request), options.settings));
      return { status: 200, body: options.settings };
    case 'POST /gitlab/settings':
      Object.assign(options.gitlabSettings, checkedSettings(jsonBody(request), options.gitlabSettings));
      return { status: 200, body: options.gitlabSettings };
    case 'POST /panther/alerts':
      return { status: 201, body: raised(jsonBody(request), options) };
    case 'POST /model/settings': {
      const { behaviour } = (jsonBody(request) ?? {}) as { behaviour?: Behaviour };
      if (behaviour === undefined || !BEHAVIOURS.includes(behaviour)) {
        throw new BadRequest(`behaviour must be one of ${BEHAVIOURS.join(', ')}`);
      }
      options.setModelBehaviour(behaviour);
      return { status: 200, body: { behaviour } };
    }
    default:
      return { status: 404, body: { message: `no ${request.method} ${request.path} on the control endpoint` } };
  }
}

function raised(value: unknown, { raiseAlert }: ControlOptions): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest('the alert is not a JSON object; {} raises one like the newest');
  const given = value as RaisedAlert;
  if (given.created_at !== undefined && Number.isNaN(Date.parse(given.created_at)))
    throw new BadRequest('created_at is no ISO 8601 time');
  try {
    return raiseAlert(given);
  } catch (error) {
    if (error instanceof RequestError) throw new BadRequest(error.message);
    throw error;
  }
}

function checkedFault(value: unknown, services: readonly string[]): Fault {
  const fault = value as Fault | null;
  if (typeof fault !== 'object' || fault === null || !services.includes(fault.service)) {
    throw new BadRequest(`a fault needs a service, one of ${services.join(', ')}`);
  }
  if (fault.path !== undefined) {
    try {
      new RegExp(fault.path);
    } catch (error) {
      throw new BadRequest(`path is no regular expression: ${(error as Error).message}`);
    }
  }
  return fault;
}

function checkedSettings<T extends object>(value: unknown, current: T): Partial<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest('the settings are not a JSON object');
  for (const [key, setting] of Object.entries(value)) {
    const known = current[key as keyof T];
    if (known === undefined)
      throw new BadRequest(`unknown setting ${key}; there are ${Object.keys(current).join(', ')}`);
    if (typeof setting !== typeof known || Array.isArray(setting) !== Array.isArray(known))
      throw new BadRequest(`${key} has the wrong type`);
  }
  return value;
}

function jsonBody(request: ServiceRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}
