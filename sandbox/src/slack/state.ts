import { createHash } from 'node:crypto';
import {
  BOT_USER,
  type SlackChannel,
  type SlackUser,
  type SlackUserGroup,
  simulatedChannels,
  simulatedUserGroups,
  simulatedUsers,
} from './workspace';

export type Json = Record<string, unknown>;

export interface Metadata {
  event_type: string;
  event_payload: Json;
}

export interface SlackMessage {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks?: Json[];
  attachments?: Json[];
  metadata?: Metadata;
  threadTs?: string;
  broadcast?: boolean;
  editedTs?: string;
  /** Deleted, but kept because replies hang on it. */
  tombstone?: boolean;
  /** Seen by this user only, and never part of the history. */
  ephemeralFor?: string;
  /** What it showed before each update, oldest first: a click may be on its way while the message changes. */
  formerBlocks?: Json[][];
  fileIds: string[];
  /** Emoji name -> users. */
  reactions: Map<string, string[]>;
}

export interface SlackFile {
  id: string;
  name: string;
  title: string;
  length: number;
  content?: Buffer;
  completed: boolean;
  shares: { channel: string; ts: string }[];
}

/** A modal somebody has open. */
export interface SlackView {
  id: string;
  user: string;
  /** As the app gave it: title, blocks, callback_id and the like. */
  given: Json;
  hash: string;
  rootId: string;
  previousId?: string;
  /** Block id -> what is wrong, as the app last answered. */
  errors: Record<string, string>;
}

/** Lets the app open one modal for the person who clicked; used once, within three seconds. */
export interface SlackTrigger {
  user: string;
  /** Milliseconds by the real clock. */
  at: number;
  used: boolean;
}

/** Where an app may answer one interaction. */
export interface ResponseUrl {
  channel: string;
  ts: string;
  threadTs?: string;
  user: string;
  at: number;
  uses: number;
}

/**
 * All that the simulated workspace remembers. Its clock does not run: every new message takes the next second
 * after `baseTime`, so the same calls give the same timestamps.
 */
export class SlackState {
  users: Map<string, SlackUser> = new Map();
  channels: Map<string, SlackChannel> = new Map();
  userGroups: SlackUserGroup[] = [];
  messages: SlackMessage[] = [];
  files: Map<string, SlackFile> = new Map();
  /** Filled by clicks and submissions. */
  triggers: Map<string, SlackTrigger> = new Map();
  responseUrls: Map<string, ResponseUrl> = new Map();
  /** Open modals, the topmost of each person last. */
  views: SlackView[] = [];
  /** What the app failed to acknowledge, by person and message. */
  warnings: Map<string, string> = new Map();
  /** Channel -> timestamps of pinned messages. */
  pins: Map<string, string[]> = new Map();
  /** Addresses given out by `apps.connections.open` and not used yet. */
  socketTickets: Set<string> = new Set();
  /** Rises with every change, so that the page knows when to draw again. */
  version = 0;
  private counter = 0;
  private readonly baseSeconds: number;

  constructor(
    readonly seed: number,
    baseTime: Date,
    /** Milliseconds by the real clock, for what expires: triggers and response addresses. */
    readonly realNow: () => number = Date.now,
  ) {
    this.baseSeconds = Math.floor(baseTime.getTime() / 1000);
    this.reset();
  }

  reset(): void {
    this.users = new Map(simulatedUsers().map((user) => [user.id, user]));
    this.channels = new Map(simulatedChannels(this.baseSeconds - 90 * 86_400).map((channel) => [channel.id, channel]));
    this.userGroups = simulatedUserGroups();
    this.messages = [];
    this.files = new Map();
    this.triggers = new Map();
    this.responseUrls = new Map();
    this.views = [];
    this.warnings = new Map();
    this.pins = new Map();
    this.socketTickets = new Set();
    this.counter = 0;
    this.version += 1;
  }

  /** Unique and increasing over all channels, in Slack's form: seconds, a point, six digits. */
  nextTs(): string {
    this.counter += 1;
    const fraction = (this.counter * 7919 + this.seed) % 1_000_000;
    return `${this.baseSeconds + this.counter}.${String(fraction).padStart(6, '0')}`;
  }

  /** The current second of the workspace. */
  now(): number {
    return this.baseSeconds + this.counter;
  }

  /** A new id with the given first letter, in the form of Slack's. */
  nextId(prefix: string): string {
    this.counter += 1;
    const digest = createHash('sha256').update(`${this.seed} ${prefix} ${this.counter}`).digest('hex');
    return `${prefix}${digest.slice(0, 9).toUpperCase()}`;
  }

  changed(): void {
    this.version += 1;
  }

  add(message: SlackMessage): void {
    this.messages.push(message);
    this.changed();
  }

  find(channel: string, ts: string): SlackMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts && !message.ephemeralFor);
  }

  /** As `find`, with what only this person sees. */
  findSeenBy(user: string, channel: string, ts: string): SlackMessage | undefined {
    return this.messages.find(
      (message) =>
        message.channel === channel &&
        message.ts === ts &&
        (message.ephemeralFor === undefined || message.ephemeralFor === user),
    );
  }

  /** A new trigger of this person's; the form is Slack's. */
  newTrigger(user: string): string {
    const id = `${this.nextId('').toLowerCase()}.${this.counter}.${this.nextId('').toLowerCase()}`;
    this.triggers.set(id, { user, at: this.realNow(), used: false });
    return id;
  }

  /** The modal this person sees. */
  topView(user: string): SlackView | undefined {
    return this.views.findLast((view) => view.user === user);
  }

  replies(parent: SlackMessage): SlackMessage[] {
    return this.messages.filter(
      (message) =>
        message.channel === parent.channel &&
        message.threadTs === parent.ts &&
        message.ts !== parent.ts &&
        !message.ephemeralFor,
    );
  }

  /** Opens (or finds) the conversation of the bot with these users. */
  openDirect(users: string[]): { channel: SlackChannel; alreadyOpen: boolean } {
    const members = [...new Set([BOT_USER.id, ...users])].sort();
    for (const channel of this.channels.values()) {
      const direct = channel.kind === 'im' || channel.kind === 'mpim';
      if (direct && [...channel.members].sort().join() === members.join()) return { channel, alreadyOpen: true };
    }
    const names = users.map((id) => this.users.get(id)?.name ?? id);
    const channel: SlackChannel = {
      id: this.nextId(users.length === 1 ? 'D' : 'G'),
      name: users.length === 1 ? (names[0] ?? '') : `mpdm-${names.join('--')}-1`,
      kind: users.length === 1 ? 'im' : 'mpim',
      archived: false,
      topic: '',
      purpose: '',
      creator: BOT_USER.id,
      created: this.now(),
      members: new Set(members),
    };
    this.channels.set(channel.id, channel);
    this.changed();
    return { channel, alreadyOpen: false };
  }
}
