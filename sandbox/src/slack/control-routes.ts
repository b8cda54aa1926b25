import type { ServiceHandler, ServiceRequest, ServiceResponse } from '../service';
import { isObject } from './block-limits';
import { DELIVERY_FAULTS, type DeliveryFault } from './delivery';
import { viewEntity } from './interaction-payload';
import { type Interactions, NoSuchThing } from './interactions';
import { peopleOf } from './people-list';
import type { SocketHub } from './socket-mode';
import type { Json } from './state';

class BadRequest extends Error {}

/** Slack's part of the control endpoint: who clicks what without a browser, and what goes wrong on the way. */
export function createSlackControl(interactions: Interactions, hub: SocketHub): ServiceHandler {
  return async (request) => {
    try {
      return await route(request, interactions, hub);
    } catch (error) {
      if (error instanceof BadRequest) return { status: 400, body: { message: error.message } };
      if (error instanceof NoSuchThing) return { status: 404, body: { message: error.message } };
      throw error;
    }
  };
}

async function route(request: ServiceRequest, interactions: Interactions, hub: SocketHub): Promise<ServiceResponse> {
  const { state, delivery } = interactions;
  switch (`${request.method} ${request.path}`) {
    case 'GET /slack/state':
      return {
        status: 200,
        body: {
          settings: delivery.settings,
          sockets: hub.count,
          people: peopleOf(state),
          views: state.views.map((view) => ({ user: view.user, errors: view.errors, ...viewEntity(view) })),
          ephemeral: state.messages.filter((message) => message.ephemeralFor),
          pins: Object.fromEntries(state.pins),
          deliveries: delivery.records,
        },
      };
    case 'POST /slack/settings':
      return { status: 200, body: applySettings(objectBody(request), interactions) };
    case 'POST /slack/click': {
      const body = objectBody(request);
      const click = {
        user: text(body, 'user'),
        channel: text(body, 'channel'),
        ts: text(body, 'ts'),
        actionId: text(body, 'action_id'),
        ...(body.block_id === undefined ? {} : { blockId: text(body, 'block_id') }),
        ...(body.chosen === undefined ? {} : { chosen: text(body, 'chosen') }),
        ...faultOf(body),
      };
      return { status: 200, body: await interactions.click(click) };
    }
    case 'POST /slack/submit': {
      const body = objectBody(request);
      const { fault } = faultOf(body);
      return { status: 200, body: await interactions.submit(text(body, 'user'), valuesOf(body.values), fault) };
    }
    case 'POST /slack/close': {
      const body = objectBody(request);
      return { status: 200, body: await interactions.close(text(body, 'user'), faultOf(body).fault) };
    }
    case 'POST /slack/replay': {
      const record = await delivery.replay(Number(objectBody(request).delivery));
      if (!record) throw new BadRequest('delivery is no number of a delivery over HTTP; see GET /slack/state');
      return { status: 200, body: record };
    }
    case 'POST /slack/sockets/refresh':
      hub.refresh();
      return { status: 200, body: { sockets: hub.count } };
    default:
      return { status: 404, body: { message: `no ${request.method} ${request.path} on the control endpoint` } };
  }
}

/** Giving a request URL turns Socket Mode off, as in the app's settings at Slack, unless it is asked for too. */
function applySettings(body: Json, { delivery, state }: Interactions): object {
  const { settings } = delivery;
  const unknown = Object.keys(body).find((key) => !(key in settings));
  if (unknown !== undefined)
    throw new BadRequest(`unknown setting ${unknown}; there are ${Object.keys(settings).join(', ')}`);
  const { requestUrl, socketMode, ackMs } = body;
  if (requestUrl !== undefined) {
    if (typeof requestUrl !== 'string' || (requestUrl !== '' && !/^https?:\/\//.test(requestUrl)))
      throw new BadRequest('requestUrl is no http or https address');
    settings.requestUrl = requestUrl;
    settings.socketMode = requestUrl === '';
  }
  if (socketMode !== undefined) {
    if (typeof socketMode !== 'boolean') throw new BadRequest('socketMode must be true or false');
    settings.socketMode = socketMode;
  }
  if (ackMs !== undefined) {
    if (typeof ackMs !== 'number' || !(ackMs >= 1 && ackMs <= 60_000))
      throw new BadRequest('ackMs must be from 1 to 60000');
    settings.ackMs = ackMs;
  }
  state.changed();
  return settings;
}

function faultOf(body: Json): { fault?: DeliveryFault } {
  if (body.fault === undefined) return {};
  const fault = DELIVERY_FAULTS.find((known) => known === body.fault);
  if (fault === undefined) throw new BadRequest(`fault must be one of ${DELIVERY_FAULTS.join(', ')}`);
  return { fault };
}

export function valuesOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
}

function text(body: Json, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new BadRequest(`${name} is missing`);
  return value;
}

function objectBody(request: ServiceRequest): Json {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8') || '{}');
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  if (!isObject(value)) throw new BadRequest('the body is not a JSON object');
  return value;
}
