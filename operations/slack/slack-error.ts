import {
  BadResponseError,
  ConflictError,
  InvalidInputError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  type OperationError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '../errors';
import { cleanLine } from '../text';

/** What a failed call was about, for its error text. */
export interface SlackSubject {
  /** e.g. `to post a message`. */
  what: string;
  /** Scopes the method needs, for refusals that do not name one, e.g. `chat:write`. */
  scope: string;
  channel?: string;
  /** What was looked for, for refusals that say there is no such thing, e.g. `user U012ABCDEF`. */
  missing?: string;
}

const badToken = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'user_removed_from_team',
]);
const refused = new Set([
  'no_permission',
  'ekm_access_denied',
  'accesslimited',
  'access_denied',
  'org_login_required',
  'team_access_not_granted',
  'enterprise_is_restricted',
  'two_factor_setup_required',
]);
const failing = new Set([
  'request_timeout',
  'service_unavailable',
  'fatal_error',
  'internal_error',
  'team_added_to_org',
]);
const limited = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const notFound = new Set([
  'user_not_found',
  'users_not_found',
  'user_not_visible',
  'no_such_subteam',
  'file_not_found',
  'thread_not_found',
  'message_not_found',
]);
const notChangeable = new Set(['cant_update_message', 'edit_window_closed', 'is_inactive', 'cant_delete_message']);
const uploadRefused = new Set([
  'file_upload_size_restricted',
  'file_uploads_disabled',
  'file_uploads_except_images_disabled',
  'file_type_not_allowed',
  'storage_limit_reached',
  'posting_to_channel_denied',
]);
const tooLarge = new Set([
  'msg_too_long',
  'msg_blocks_too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'no_text',
  'metadata_too_large',
  'invalid_metadata_format',
]);

/**
 * The typed error for Slack's `ok: false`, which comes with HTTP 200. `details.slack_error` holds
 * Slack's own code.
 */
export function slackError(
  answer: { error?: unknown; needed?: unknown },
  subject: SlackSubject,
  retryAfterSeconds: number,
): OperationError {
  const code = typeof answer.error === 'string' ? cleanLine(answer.error, 80) : 'no code';
  const needed = typeof answer.needed === 'string' && answer.needed !== '' ? cleanLine(answer.needed, 200) : undefined;
  const error = classify(code, needed, subject, retryAfterSeconds);
  error.details.slack_error = code;
  return error;
}

function classify(
  code: string,
  needed: string | undefined,
  { what, scope, channel, missing }: SlackSubject,
  retryAfterSeconds: number,
): OperationError {
  const place = channel === undefined ? 'channel' : `channel ${cleanLine(channel, 100)}`;
  if (badToken.has(code)) {
    return new UnauthenticatedError('Slack', `It said ${code}. Check the bot token (xoxb-...) of the app.`);
  }
  if (code === 'missing_scope') return new MissingPermissionError('Slack', `the scope ${needed ?? scope}`, what);
  if (limited.has(code)) return new RateLimitedError('Slack', retryAfterSeconds);
  if (failing.has(code)) return new UnavailableError('Slack', `it reported ${code}`);
  if (code === 'not_in_channel') return new MissingPermissionError('Slack', `membership of ${place}`, what);
  if (refused.has(code) || code.startsWith('restricted_action')) {
    return new MissingPermissionError('Slack', `permission (${code})`, `${what} in ${place}`);
  }
  if (code === 'channel_not_found') {
    return new NotFoundOrNoAccessError('Slack', place, 'Check the name or id; for a private channel, invite the app.');
  }
  if (notFound.has(code)) return new NotFoundOrNoAccessError('Slack', missing ?? `such message in ${place}`);
  if (notChangeable.has(code)) {
    return new ConflictError(`Slack refused ${what}: the message cannot be changed (${code}).`);
  }
  if (uploadRefused.has(code)) {
    return new MissingPermissionError('Slack', `permission of the workspace (${code})`, what);
  }
  if (code === 'plan_upgrade_required') {
    return new MissingPermissionError('Slack', 'a paid plan, which user groups need', what);
  }
  if (code === 'is_archived') return new ConflictError(`Slack refused ${what}: ${place} is archived.`);
  if (tooLarge.has(code)) return new InvalidInputError('text', `Slack refused the message (${code})`);
  return new BadResponseError('Slack', `it refused ${what} with the code ${code}`);
}
