import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler, UpgradeHandler } from '../service';
import { createSlackControl } from './control-routes';
import { Delivery } from './delivery';
import { receiveUpload } from './file-methods';
import { Interactions } from './interactions';
import { answerMethod } from './methods';
import { answerPage } from './page';
import { answerPageAction } from './page-actions';
import { answerResponseUrl } from './response-url';
import { SocketHub } from './socket-mode';
import { SlackState } from './state';

export interface SlackOptions {
  seed: number;
  /** The first message's second; later ones follow from it, not from the real clock. */
  baseTime: Date;
  /** The bot's token. With `-chat-only` behind it a token with one scope, with `-revoked` a revoked one. */
  token: string;
  /** App-level token, for Socket Mode; none is accepted unless given. */
  appToken?: string;
  /** Signs what the workspace sends to the app: clicks and modal submissions. */
  signingSecret: string;
  /** Milliseconds, for what expires; the real clock unless given. */
  realNow?: () => number;
}

export interface SlackStandIn {
  handler: ServiceHandler;
  /** Takes the sockets of Socket Mode. */
  upgrade: UpgradeHandler;
  /** Clicks as a person, settings of the app and faults, for the control endpoint: paths below `/slack/`. */
  control: ServiceHandler;
  interactions: Interactions;
  /** Every channel there is at the start, the archived, the private and the unjoined one included. */
  channels: { name: string; id: string }[];
  requests: RecordedRequest[];
  /** How many sockets of Socket Mode are open. */
  sockets(): number;
  /** Tells the stand-in where it is reached, for response addresses. */
  listensAt(origin: string): void;
  reset(): void;
  close(): void;
}

/** A Slack workspace: the Web API under `/api/`, uploads, sockets, and at `/` a page to use the channels in. */
export function createSlack(options: SlackOptions): SlackStandIn {
  const state = new SlackState(options.seed, options.baseTime, options.realNow);
  const recorder = new RequestRecorder();
  const hub = new SocketHub(state);
  const delivery = new Delivery(options.signingSecret, hub, state.realNow);
  const interactions = new Interactions(state, delivery);
  const tokens = { bot: options.token, app: options.appToken ?? '' };
  const where = (): string => {
    const { socketMode, requestUrl } = delivery.settings;
    if (socketMode) return hub.count > 0 ? `clicks go to ${hub.count} socket${hub.count > 1 ? 's' : ''}` : '';
    return requestUrl === '' ? '' : `clicks go to ${requestUrl}`;
  };
  const handler: ServiceHandler = async (request) => {
    const page = answerPage(request, state, where) ?? (await answerPageAction(request, interactions));
    if (page) return page;
    const method = /^\/api\/([A-Za-z.]+)$/.exec(request.path)?.[1];
    const entry = recorder.record(request, method);
    // Slack takes tokens in forms and queries too; the record must not keep them.
    entry.query = entry.query.replace(/(^|&)token=[^&]*/, '$1token=removed');
    entry.body = entry.body?.replace(/(^|&)token=[^&]*/, '$1token=removed');
    if (method) return answerMethod(method, request, state, tokens);
    return (
      answerResponseUrl(request, state) ??
      receiveUpload(request, state) ?? {
        status: 404,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: 'Not found',
      }
    );
  };
  return {
    handler,
    upgrade: (request, socket, head) => hub.upgrade(request, socket, head),
    control: createSlackControl(interactions, hub),
    interactions,
    channels: [...state.channels.values()].map(({ name, id }) => ({ name, id })),
    requests: recorder.requests,
    sockets: () => hub.count,
    listensAt: (origin) => {
      interactions.origin = origin;
    },
    reset: () => {
      state.reset();
      delivery.reset();
      recorder.clear();
    },
    close: () => hub.close(),
  };
}
