import type { ServiceRequest } from '../service';
import type { SlackState } from './state';
import { BOT_USER, type SlackChannel } from './workspace';

/** Thrown by a method to answer with `ok: false` and this error. */
export class SlackError extends Error {
  constructor(
    readonly code: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(code);
  }
}

/** Slack's answer when a required argument is missing or of the wrong form. */
export function invalidArguments(...messages: string[]): SlackError {
  return new SlackError('invalid_arguments', {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}

/** One Web API call: its arguments, wherever they came from, and warnings to send back. */
export class SlackCall {
  readonly warnings: string[] = [];

  constructor(
    readonly state: SlackState,
    private readonly args: Record<string, unknown>,
    /** Origin for permalinks and upload addresses. */
    readonly origin: string,
    readonly request: ServiceRequest,
    private readonly granted: readonly string[] = [],
  ) {}

  /** For methods whose scope depends on the kind of channel. */
  needs(scope: string): void {
    if (!this.may(scope)) throw new SlackError('missing_scope', { needed: scope, provided: this.granted.join(',') });
  }

  may(scope: string): boolean {
    return this.granted.includes(scope);
  }

  raw(name: string): unknown {
    return this.args[name];
  }

  has(name: string): boolean {
    const value = this.args[name];
    return value !== undefined && value !== null && value !== '';
  }

  text(name: string): string | undefined {
    const value = this.args[name];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
    return value;
  }

  flag(name: string): boolean {
    return ['true', '1'].includes(this.text(name) ?? '');
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isFinite(number)) throw invalidArguments(`must provide a number [json-pointer:/${name}]`);
    return number;
  }

  /** A structured argument: an array or object in a JSON body, JSON text in a form. */
  json(name: string, error: string): unknown {
    const value = this.args[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      throw new SlackError(error);
    }
  }

  /** Comma-separated, or an array in a JSON body. */
  list(name: string): string[] {
    const value = this.args[name];
    const entries = Array.isArray(value) ? value.map(String) : (this.text(name)?.split(',') ?? []);
    return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  }

  /** A channel by its id. What the bot may not see does not exist for it. */
  channel(name = 'channel'): SlackChannel {
    const found = this.state.channels.get(this.required(name));
    if (!found || (found.kind !== 'public' && !found.members.has(BOT_USER.id)))
      throw new SlackError('channel_not_found');
    return found;
  }

  /** A channel one can post to: by id, `#name` or name, or a user's id for a direct message. */
  postTarget(): SlackChannel {
    const wanted = this.required('channel');
    if (this.state.users.has(wanted)) return this.state.openDirect([wanted]).channel;
    const name = wanted.replace(/^#/, '');
    const found =
      this.state.channels.get(wanted) ?? [...this.state.channels.values()].find((channel) => channel.name === name);
    if (!found || (found.kind !== 'public' && !found.members.has(BOT_USER.id)))
      throw new SlackError('channel_not_found');
    if (found.archived) throw new SlackError('is_archived');
    if (!found.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
    return found;
  }
}

const DEFAULT_PAGE = 100;

const SCOPE_PREFIX: Record<SlackChannel['kind'], string> = {
  public: 'channels',
  private: 'groups',
  im: 'im',
  mpim: 'mpim',
};

/** e.g. `groups:history`, for a private channel. */
export function channelScope(channel: Pick<SlackChannel, 'kind'>, right: 'read' | 'history' | 'manage'): string {
  if (right !== 'manage') return `${SCOPE_PREFIX[channel.kind]}:${right}`;
  return channel.kind === 'public' ? 'channels:manage' : `${SCOPE_PREFIX[channel.kind]}:write`;
}

/** One page of a list with an opaque cursor, as Slack's list methods give it. */
export function pageOf<T>(call: SlackCall, items: readonly T[], largest = 1000): { items: T[]; cursor: string } {
  const limit = Math.min(largest, Math.max(1, call.number('limit') ?? DEFAULT_PAGE));
  const cursor = call.text('cursor');
  let offset = 0;
  if (cursor !== undefined) {
    const decoded = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
    if (!decoded) throw new SlackError('invalid_cursor');
    offset = Number(decoded[1]);
  }
  const next = offset + limit < items.length ? Buffer.from(`offset:${offset + limit}`).toString('base64') : '';
  return { items: items.slice(offset, offset + limit), cursor: next };
}
