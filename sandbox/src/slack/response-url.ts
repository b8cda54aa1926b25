import { randomBytes } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../service';
import { isObject } from './block-limits';
import { SlackCall, SlackError } from './call';
import { readContent } from './message-content';
import type { ResponseUrl, SlackMessage, SlackState } from './state';
import { BOT_USER, TEAM } from './workspace';

const LIFETIME_MS = 30 * 60_000;
const MOST_USES = 5;
const PATH = /^\/actions\/[A-Z0-9]+\/\d+\/([A-Za-z0-9_-]+)$/;

/** An address where the app may answer a click on this message, for half an hour and five times. */
export function newResponseUrl(state: SlackState, origin: string, user: string, message: SlackMessage): string {
  const secret = randomBytes(18).toString('base64url');
  state.responseUrls.set(secret, {
    channel: message.channel,
    ts: message.ts,
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
    user,
    at: state.realNow(),
    uses: 0,
  });
  return `${origin}/actions/${TEAM.id}/${state.now()}/${secret}`;
}

/** Answers a POST to such an address; undefined for every other path. No token is asked for: the address is the secret. */
export function answerResponseUrl(request: ServiceRequest, state: SlackState): ServiceResponse | undefined {
  const secret = PATH.exec(request.path)?.[1];
  if (secret === undefined) return undefined;
  if (request.method !== 'POST') return refusal(405, 'method_not_allowed');
  const known = state.responseUrls.get(secret);
  if (!known) return refusal(404, 'no_such_url');
  if (state.realNow() - known.at > LIFETIME_MS) return refusal(404, 'expired_url');
  if (known.uses >= MOST_USES) return refusal(404, 'used_url');
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    return refusal(400, 'invalid_payload');
  }
  if (!isObject(body)) return refusal(400, 'invalid_payload');
  known.uses += 1;
  try {
    respond(new SlackCall(state, body, '', request), known);
  } catch (error) {
    if (error instanceof SlackError) return refusal(error.code.startsWith('invalid') ? 400 : 404, error.code);
    throw error;
  }
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'ok' };
}

function refusal(status: number, error: string): ServiceResponse {
  return { status, body: { ok: false, error } };
}

function respond(call: SlackCall, known: ResponseUrl): void {
  const { state } = call;
  const message = state.findSeenBy(known.user, known.channel, known.ts);
  if (call.flag('delete_original')) {
    state.messages = state.messages.filter((entry) => entry !== message);
    state.changed();
    return;
  }
  const content = readContent(call);
  if (call.flag('replace_original')) {
    if (!message) throw new SlackError('message_not_found');
    keepFormer(message);
    message.text = content.text;
    message.blocks = content.blocks;
    state.changed();
    return;
  }
  state.add({
    channel: known.channel,
    ts: state.nextTs(),
    user: BOT_USER.id,
    ...content,
    threadTs: call.text('thread_ts') ?? known.threadTs,
    ...(call.text('response_type') === 'in_channel' ? {} : { ephemeralFor: known.user }),
    fileIds: [],
    reactions: new Map(),
  });
}

/** Remembers what a message showed, for clicks that come late. */
export function keepFormer(message: SlackMessage): void {
  if (message.blocks) message.formerBlocks = [...(message.formerBlocks ?? []), message.blocks].slice(-20);
}
