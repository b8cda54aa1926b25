import type { ServiceRequest, ServiceResponse } from '../service';
import { alertRoute } from './alert-routes';
import type { AlertStore } from './alert-store';
import { detectionRoute } from './detection-routes';
import type { DetectionStore } from './detection-store';
import { apiToken, USERS } from './directory';
import type { Lake } from './lake';
import { RequestError } from './query-log';
import { ForbiddenError, HttpError } from './rest-answers';
import { sourceRoute } from './source-routes';
import type { PantherSettings } from './token-access';
import { listUsers } from './user-route';

export interface RestContext {
  alerts: AlertStore;
  detections: DetectionStore;
  lake: Lake;
  settings: PantherSettings;
  clock: () => Date;
}

/**
 * One REST call; `path` is without the `/v1` prefix. Errors are `{"message": …}`, as the published contract has them, and
 * some refusals are `{"error": "forbidden"}`, as seen in practice.
 */
export async function handleRest(
  path: string,
  request: ServiceRequest,
  context: RestContext,
): Promise<ServiceResponse> {
  try {
    return await route(path.split('/').filter(Boolean).map(decodeURIComponent), request, context);
  } catch (error) {
    if (error instanceof ForbiddenError) return { status: 403, body: { error: 'forbidden' } };
    if (error instanceof HttpError) return { status: error.status, body: { message: error.message } };
    if (error instanceof RequestError)
      return { status: error.message.includes('not found') ? 404 : 400, body: { message: error.message } };
    throw error;
  }
}

async function route(
  parts: readonly string[],
  request: ServiceRequest,
  context: RestContext,
): Promise<ServiceResponse> {
  const [resource, id, sub] = parts;
  const call = `${request.method} ${resource}${id === undefined ? '' : '/:id'}${sub === undefined ? '' : `/${sub}`}`;
  const need = (permission: string): void => {
    if (!context.settings.permissions.includes(permission))
      throw new HttpError(403, `token lacks the permission ${permission}`);
  };
  switch (call) {
    case 'GET api-tokens/:id':
      if (id !== 'self') need('OrganizationAPITokenRead');
      return { status: 200, body: tokenBody(context.settings.permissions) };
    case 'GET users':
      need('UserRead');
      return listUsers(request);
    case 'GET users/:id': {
      need('UserRead');
      const user = USERS.find((candidate) => candidate.id === id);
      if (!user) throw new HttpError(404, `user not found: ${id}`);
      const { __typename, ...body } = user;
      return { status: 200, body };
    }
    default: {
      const answer =
        alertRoute(call, id, request, context, need) ??
        detectionRoute(call, id, request, context, need) ??
        (await sourceRoute(call, id, context));
      if (answer) return answer;
      throw new HttpError(404, 'not found');
    }
  }
}

function tokenBody(permissions: readonly string[]): object {
  const { __typename, createdBy, updatedBy, value, rotatedBy, ...token } = apiToken(permissions);
  return token;
}
