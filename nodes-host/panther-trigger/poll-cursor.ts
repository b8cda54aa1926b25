import type { PollState, Progress, Sweep } from './poll-state';

export interface PollSettings {
  /** How long after its creation an alert may still appear in the list, and how far the two clocks may differ, in ms. */
  overlapMs: number;
  /** How far the first poll looks back, in ms; what is older is never handed on. */
  lookBackMs: number;
  /** Most alerts in one batch; the rest follows with the next polls. */
  maxAlerts: number;
  /** False when n8n stores position and execution in one transaction: then nothing has to be repeated. */
  repeatAfterRestart: boolean;
}

/** What the cursor needs of an alert: `createdAt` in Unix milliseconds. */
export interface Dated {
  id: string;
  createdAt: number;
}

/**
 * One poll, without any input or output: it says from when to list and what is new, and what to store. The order of the
 * list does not matter. What it promises: each alert that appears in the list at most `overlapMs` after its creation is
 * handed on at least once, and exactly once while the process lives.
 */
export class Poll<Alert extends Dated> {
  private readonly before: Progress;
  private readonly sweep: Sweep | undefined;
  /** Handed on by a process that ended before it could confirm them. */
  private readonly uncertain: Readonly<Record<string, number>>;
  private readonly fresh = new Map<string, Alert>();
  private readonly passed: Record<string, number> = {};
  private newest: number;
  private cursor: string | undefined;
  private listedAll = false;

  constructor(
    stored: PollState | undefined,
    private readonly session: string,
    private readonly now: number,
    private readonly settings: PollSettings,
  ) {
    const { progress, uncertain } = resumed(stored, session, settings, now);
    this.before = progress;
    this.uncertain = uncertain;
    this.sweep = progress.sweep ?? undefined;
    this.newest = this.sweep?.newest ?? progress.position;
    this.cursor = this.sweep?.next;
  }

  /** The creation time from which to list, Unix milliseconds. The same for all pages of one listing. */
  get from(): number {
    return this.sweep?.from ?? this.before.position - this.settings.overlapMs;
  }

  /** The page to read next; undefined for the first one. */
  get next(): string | undefined {
    return this.cursor;
  }

  /** Whether there is more to list and room for it. */
  get wantsMore(): boolean {
    return !this.listedAll && this.fresh.size < this.settings.maxAlerts;
  }

  /** Takes a page: its alerts, and the cursor of the page after it or null at the end. */
  take(alerts: readonly Alert[], next: string | null): void {
    for (const alert of alerts) {
      this.newest = Math.max(this.newest, alert.createdAt);
      if (Object.hasOwn(this.before.done, alert.id) || this.fresh.has(alert.id)) continue;
      // The first listing only takes note of what was there before it.
      if (this.before.baseline && alert.createdAt < this.before.position) this.passed[alert.id] = alert.createdAt;
      else this.fresh.set(alert.id, alert);
    }
    this.listedAll = next === null;
    this.cursor = next ?? undefined;
  }

  /** Begins the listing again, without its old cursor: Panther may have forgotten that. What is done stays done. */
  startOver(): void {
    this.cursor = undefined;
    this.listedAll = false;
  }

  /** What is new, oldest first. `repeated`: it may have been handed on before a restart. */
  batch(): { alert: Alert; repeated: boolean }[] {
    return [...this.fresh.values()]
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
      .map((alert) => ({ alert, repeated: Object.hasOwn(this.uncertain, alert.id) }));
  }

  /** What to store together with handing the batch on. */
  state(): PollState {
    const progress = this.progress();
    const known = { ...this.before.done, ...this.passed };
    if (this.fresh.size === 0) {
      return { confirmed: prunedTo({ ...progress, done: known }, this.settings.overlapMs), handed: null };
    }
    const done = Object.fromEntries([...this.fresh].map(([id, { createdAt }]) => [id, createdAt]));
    return {
      confirmed: { ...this.before, done: known },
      handed: { ...progress, done, session: this.session },
    };
  }

  private progress(): Omit<Progress, 'done'> {
    const startedAt = this.sweep?.startedAt ?? this.now;
    if (!this.listedAll && this.cursor !== undefined) {
      const sweep = { startedAt, from: this.from, newest: this.newest, next: this.cursor };
      return { position: this.before.position, baseline: this.before.baseline, sweep };
    }
    // An alert dated in the future must not take the position with it, and what appeared while the listing went on is
    // only certain to be met by the next one if that begins before this one did.
    const position = Math.max(this.before.position, Math.min(this.newest, startedAt));
    return { position, baseline: false, sweep: null };
  }
}

function resumed(
  stored: PollState | undefined,
  session: string,
  settings: PollSettings,
  now: number,
): { progress: Progress; uncertain: Readonly<Record<string, number>> } {
  if (stored === undefined) {
    return { progress: { position: now - settings.lookBackMs, done: {}, baseline: true, sweep: null }, uncertain: {} };
  }
  const { confirmed, handed } = stored;
  if (handed === null) return { progress: confirmed, uncertain: {} };
  if (handed.session !== session && settings.repeatAfterRestart) return { progress: confirmed, uncertain: handed.done };
  const { position, baseline, sweep } = handed;
  const done = { ...confirmed.done, ...handed.done };
  return { progress: prunedTo({ position, baseline, sweep, done }, settings.overlapMs), uncertain: {} };
}

/** Drops ids that no listing can meet again. While a listing goes on they are all kept: it began further back. */
function prunedTo(progress: Progress, overlapMs: number): Progress {
  if (progress.sweep !== null) return progress;
  const oldest = progress.position - overlapMs;
  const done = Object.fromEntries(Object.entries(progress.done).filter(([, createdAt]) => createdAt >= oldest));
  return { ...progress, done };
}
