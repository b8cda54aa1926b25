import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler } from '../service';
import { receiveUpload } from './file-methods';
import { answerMethod } from './methods';
import { answerPage } from './page';
import { SlackState } from './state';

export interface SlackOptions {
  seed: number;
  /** The first message's second; later ones follow from it, not from the real clock. */
  baseTime: Date;
  /** The bot's token. With `-chat-only` behind it a token with one scope, with `-revoked` a revoked one. */
  token: string;
  /** Signs what the workspace sends to the app: clicks and modal submissions. */
  signingSecret: string;
}

export interface SlackStandIn {
  handler: ServiceHandler;
  /** Every channel there is at the start, the archived, the private and the unjoined one included. */
  channels: { name: string; id: string }[];
  requests: RecordedRequest[];
  reset(): void;
}

/** A Slack workspace: the Web API under `/api/`, uploads, and at `/` a page to watch the channels in. */
export function createSlack(options: SlackOptions): SlackStandIn {
  const state = new SlackState(options.seed, options.baseTime);
  const recorder = new RequestRecorder();
  const handler: ServiceHandler = async (request) => {
    const page = answerPage(request, state);
    if (page) return page;
    const method = /^\/api\/([A-Za-z.]+)$/.exec(request.path)?.[1];
    const entry = recorder.record(request, method);
    // Slack takes tokens in forms and queries too; the record must not keep them.
    entry.query = entry.query.replace(/(^|&)token=[^&]*/, '$1token=removed');
    entry.body = entry.body?.replace(/(^|&)token=[^&]*/, '$1token=removed');
    if (method) return answerMethod(method, request, state, options.token);
    return (
      receiveUpload(request, state) ?? {
        status: 404,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: 'Not found',
      }
    );
  };
  return {
    handler,
    channels: [...state.channels.values()].map(({ name, id }) => ({ name, id })),
    requests: recorder.requests,
    reset: () => {
      state.reset();
      recorder.clear();
    },
  };
}
