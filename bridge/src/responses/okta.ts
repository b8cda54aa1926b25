import { z } from 'zod';
import {
  BadResponseError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  type OperationError,
  UnauthenticatedError,
  UnavailableError,
} from '../../../operations/errors';
import type { HttpResponse, Ports } from '../../../operations/ports';
import type { OktaPort, OktaUser } from '../../../operations/response/response-port';
import { Deadline } from '../../../operations/retry';
import { callService, parseJson } from '../../../operations/service-call';
import { cleanLine } from '../../../operations/text';
import { urlSegment } from '../../../operations/url-segment';

const totalMs = 60_000;
const wireUser = z.object({ id: z.string().min(1), status: z.string(), profile: z.object({ login: z.string() }) });

/** Okta's management API, the four calls that containment needs. Source: Okta's reference of Users and User lifecycle. */
export class Okta implements OktaPort {
  private readonly deadline: Deadline;

  constructor(private readonly ports: Ports) {
    this.deadline = new Deadline(ports, totalMs);
  }

  async user(idOrLogin: string): Promise<OktaUser | undefined> {
    const response = await this.send('GET', `/api/v1/users/${urlSegment(idOrLogin)}`);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw refusal(response, 'okta.users.read', 'reading a user');
    const read = wireUser.safeParse(parseJson('okta', response));
    if (!read.success) throw new BadResponseError('Okta', 'a user has no id, login or status');
    const { id, status, profile } = read.data;
    return { id: cleanLine(id, 100), login: cleanLine(profile.login, 300), status: cleanLine(status, 40) };
  }

  suspend(id: string): Promise<void> {
    return this.change('POST', `/api/v1/users/${urlSegment(id)}/lifecycle/suspend`, 'suspending a user');
  }

  unsuspend(id: string): Promise<void> {
    return this.change('POST', `/api/v1/users/${urlSegment(id)}/lifecycle/unsuspend`, 'unsuspending a user');
  }

  clearSessions(id: string): Promise<void> {
    return this.change('DELETE', `/api/v1/users/${urlSegment(id)}/sessions`, 'ending the sessions of a user');
  }

  private async change(method: 'POST' | 'DELETE', path: string, what: string): Promise<void> {
    const response = await this.send(method, path);
    if (response.status >= 200 && response.status <= 299) return;
    // 400 on a lifecycle call: the user is in that state already, or cannot get into it; the second read tells.
    if (response.status === 400 && path.includes('/lifecycle/')) return;
    throw refusal(response, 'okta.users.manage', what);
  }

  private async send(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<HttpResponse> {
    const { baseUrl } = await this.ports.connection('okta');
    return callService(this.ports, {
      service: 'okta',
      method,
      url: `${baseUrl}${path}`,
      ...(method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
      // Setting a state twice is the same as once.
      safeToRepeat: true,
      deadline: this.deadline,
    });
  }
}

function refusal(response: HttpResponse, permission: string, what: string): OperationError {
  switch (response.status) {
    case 401:
      return new UnauthenticatedError('Okta', 'Check OKTA_API_TOKEN.');
    case 403:
      return new MissingPermissionError('Okta', permission, what);
    case 404:
      return new NotFoundOrNoAccessError('Okta', 'such user');
    default:
      return new UnavailableError('Okta', `${what}: it answered ${response.status}`);
  }
}
