import type { ServiceRequest, ServiceResponse } from '../service';
import { SlackCall, SlackError } from './call';
import { CHAT_METHODS } from './chat-methods';
import { CONVERSATION_METHODS } from './conversation-methods';
import { FILE_METHODS } from './file-methods';
import { PEOPLE_METHODS } from './people-methods';
import { SOCKET_METHODS } from './socket-mode';
import type { SlackState } from './state';
import { VIEW_METHODS } from './view-methods';

export interface Method {
  /** Whether it reads a JSON body; the others only read a query or a form. */
  json: boolean;
  /** Any one of these is enough; none needed when empty. */
  scopes: string[];
  /** `app`: needs the app-level token; everything else needs the bot's. */
  token?: 'app';
  run(call: SlackCall): Record<string, unknown>;
}

export type MethodTable = Record<string, Method>;

export interface SlackTokens {
  /** The bot's. With `-chat-only` behind it a token with one scope, with `-revoked` a revoked one, with `~a~b` one with the scopes a and b. */
  bot: string;
  /** App-level, for Socket Mode. */
  app: string;
}

const METHODS: MethodTable = {
  ...CHAT_METHODS,
  ...CONVERSATION_METHODS,
  ...PEOPLE_METHODS,
  ...FILE_METHODS,
  ...VIEW_METHODS,
  ...SOCKET_METHODS,
};

/** What the bot's token may do; and the one scope of the narrow token. */
const SCOPES = [
  'chat:write',
  'channels:read',
  'channels:history',
  'channels:manage',
  'channels:join',
  'groups:read',
  'groups:history',
  'groups:write',
  'im:read',
  'im:history',
  'im:write',
  'mpim:read',
  'mpim:history',
  'mpim:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'files:read',
  'files:write',
  'reactions:read',
  'reactions:write',
  'pins:read',
  'pins:write',
];
const NARROW_SCOPES = ['chat:write'];

/** Answers one `/api/<method>` request. Every refusal is HTTP 200 with `ok: false`, as at Slack. */
export function answerMethod(
  name: string,
  request: ServiceRequest,
  state: SlackState,
  tokens: SlackTokens,
): ServiceResponse {
  const method = METHODS[name];
  const headers: Record<string, string> = {
    'x-slack-req-id': `simulated-${state.version}`,
    'x-content-type-options': 'nosniff',
  };
  const warnings: string[] = [];
  try {
    if (!method) throw new SlackError('unknown_method', { req_method: name });
    const args = readArguments(request, method, warnings);
    const scopes = scopesOf(request, args, method, tokens);
    headers['x-oauth-scopes'] = scopes.join(',');
    headers['x-accepted-oauth-scopes'] = method.scopes.join(',');
    if (method.scopes.length > 0 && !method.scopes.some((scope) => scopes.includes(scope))) {
      throw new SlackError('missing_scope', { needed: method.scopes.join(','), provided: scopes.join(',') });
    }
    const origin = `http://${request.headers.host ?? 'simulated-corp.slack.example'}`;
    const call = new SlackCall(state, args, origin, request, scopes);
    const body = method.run(call);
    return { status: 200, headers, body: withWarnings({ ok: true, ...body }, [...warnings, ...call.warnings]) };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { status: 200, headers, body: withWarnings({ ok: false, error: error.code, ...error.extra }, warnings) };
  }
}

function withWarnings(body: Record<string, unknown>, warnings: string[]): Record<string, unknown> {
  if (warnings.length === 0) return body;
  const metadata = (body.response_metadata ?? {}) as Record<string, unknown>;
  return { ...body, warning: warnings.join(','), response_metadata: { ...metadata, warnings } };
}

function readArguments(request: ServiceRequest, method: Method, warnings: string[]): Record<string, unknown> {
  const args: Record<string, unknown> = Object.fromEntries(request.query);
  if (request.body.length === 0) return args;
  const [type = '', ...options] = (request.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = options.some((option) => option.startsWith('charset='));
  const text = request.body.toString('utf8');
  if (type === 'application/json') {
    if (!charset) warnings.push('missing_charset');
    // Methods that take no JSON do not see what is in it, and then miss their arguments.
    if (!method.json) return args;
    const value = parseJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SlackError('json_not_object');
    return { ...args, ...value };
  }
  if (type === 'application/x-www-form-urlencoded') {
    if (charset) warnings.push('superfluous_charset');
    return { ...args, ...Object.fromEntries(new URLSearchParams(text)) };
  }
  throw new SlackError(type === '' ? 'missing_post_type' : 'invalid_post_type');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_json');
  }
}

/** The scopes of the request's token. A token in a JSON body does not count. */
function scopesOf(
  request: ServiceRequest,
  args: Record<string, unknown>,
  method: Method,
  tokens: SlackTokens,
): readonly string[] {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const json = (request.headers['content-type'] ?? '').toLowerCase().startsWith('application/json');
  const given = bearer ?? (json ? request.query.get('token') : args.token);
  if (typeof given !== 'string' || given === '') throw new SlackError('not_authed');
  if (given === tokens.app) {
    if (method.token !== 'app') throw new SlackError('not_allowed_token_type');
    return ['connections:write'];
  }
  const scopes = botScopes(given, tokens.bot);
  if (method.token === 'app') throw new SlackError('not_allowed_token_type');
  return scopes;
}

function botScopes(given: string, token: string): readonly string[] {
  if (given === token) return SCOPES;
  if (given === `${token}-chat-only`) return NARROW_SCOPES;
  if (given.startsWith(`${token}~`)) return given.slice(token.length + 1).split('~');
  if (given === `${token}-revoked`) throw new SlackError('token_revoked');
  throw new SlackError('invalid_auth');
}
