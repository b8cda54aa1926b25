import type { Interaction } from '../../../operations/slack/interaction-payload';
import { cleanLine } from '../../../operations/text';
import type { Logger } from '../hosting/logging';
import { RepeatedLook } from '../repeated-look';
import type { ActedInteraction, InboxEntry, InteractionInbox } from './inbox';

/**
 * Acts on the buttons and modals of one feature. What it does comes at least once: after a crash the same entry is handed
 * over again, so a second time has to change nothing.
 */
export interface InteractionHandler {
  /** Beginning of the `action_id` or `callback_id`, e.g. `soc_approval_`. */
  prefix: string;
  /**
   * What Slack is told with the acknowledgement of a modal, e.g. `{response_action: 'errors', errors: {...}}`; then nothing
   * else happens. Undefined closes the modal. Quick and without a service: Slack waits three seconds in all.
   */
  refuse?(interaction: ActedInteraction): Record<string, unknown> | undefined;
  /** The work, after the acknowledgement. Throws when it should be tried again. */
  handle(entry: InboxEntry): Promise<void>;
  /** After the last try: tell the person. */
  giveUp?(entry: InboxEntry): Promise<void>;
}

/** What the transport answers to Slack. Undefined: an empty acknowledgement. */
export type Acknowledgement = Record<string, unknown> | undefined;

const mostAtOnce = 8;
const mostAttempts = 8;
/** Between two looks for entries that were left, in milliseconds; well below their lease. */
const lookEveryMs = 500;
const tidyEvery = 120;

/**
 * Hands what people click to the feature it belongs to: stored first, then acknowledged, then acted on. Entries that
 * another process left behind, or that failed, are taken up again.
 */
export class InteractionDispatcher {
  private readonly handlers: InteractionHandler[] = [];
  private readonly queue: InboxEntry[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly repeated = new RepeatedLook(
    () => this.look(),
    () => lookEveryMs,
  );
  private looks = 0;

  constructor(
    private readonly inbox: InteractionInbox,
    private readonly logger: Logger,
  ) {}

  /** The longest prefix that fits wins. */
  register(handler: InteractionHandler): void {
    this.handlers.push(handler);
    this.handlers.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /**
   * Takes in one verified interaction. Once it resolves the interaction is durable, and the transport acknowledges; the work
   * goes on by itself. Rejects when it could not be stored: then it must not be acknowledged.
   */
  async receive(interaction: Interaction): Promise<Acknowledgement> {
    if (interaction.kind === 'other') {
      this.logger.debug({ type: cleanLine(interaction.type, 100) }, 'interaction of a type nobody asked for');
      return undefined;
    }
    const handler = this.handlerOf(interaction);
    if (handler === undefined) {
      this.logger.warn({ id: cleanLine(nameOf(interaction), 100) }, 'no feature of this bridge has this button');
      return undefined;
    }
    const refusal = handler.refuse?.(interaction);
    if (refusal !== undefined) return refusal;
    const entry = await this.inbox.accept(interaction);
    if (entry === undefined)
      this.logger.info({ id: cleanLine(nameOf(interaction), 100) }, 'interaction delivered again');
    else this.enqueue(entry);
    return undefined;
  }

  start(): void {
    this.repeated.start();
  }

  /** Ends after what is under way; the rest is for another process. */
  async stop(): Promise<void> {
    const ended = this.repeated.stop();
    this.queue.length = 0;
    await ended;
    await Promise.allSettled(this.running);
    await this.inbox
      .release()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'interactions not given back'));
  }

  private async look(): Promise<void> {
    const room = 2 * mostAtOnce - this.queue.length - this.running.size;
    try {
      // What waits here is not for others, however long the queue is.
      if (this.queue.length + this.running.size > 0) await this.inbox.renew();
      if (room > 0) for (const entry of await this.inbox.takeOver(room)) this.enqueue(entry);
      this.looks += 1;
      if (this.looks % tidyEvery === 0) await this.inbox.tidy();
    } catch (error) {
      this.logger.warn({ err: error }, 'could not look for interactions that were left');
    }
  }

  private enqueue(entry: InboxEntry): void {
    if (this.repeated.isStopped) return;
    this.queue.push(entry);
    this.next();
  }

  private next(): void {
    while (this.running.size < mostAtOnce) {
      const entry = this.queue.shift();
      if (entry === undefined) return;
      const work = this.work(entry)
        // The database failed: the claim runs out by itself, and the entry is found again.
        .catch((error: unknown) => this.logger.error({ err: error }, 'interaction not recorded'))
        .finally(() => {
          this.running.delete(work);
          this.next();
        });
      this.running.add(work);
    }
  }

  private async work(entry: InboxEntry): Promise<void> {
    const handler = this.handlerOf(entry.interaction);
    try {
      await handler?.handle(entry);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ err: error, attempt: entry.attempt }, 'interaction not handled');
      if (entry.attempt < mostAttempts) return this.inbox.postpone(entry, reason);
      await handler?.giveUp?.(entry).catch((problem: unknown) => this.logger.warn({ err: problem }, 'nobody was told'));
    }
    await this.inbox.done(entry);
  }

  private handlerOf(interaction: ActedInteraction): InteractionHandler | undefined {
    const name = nameOf(interaction);
    return this.handlers.find(({ prefix }) => name.startsWith(prefix));
  }
}

function nameOf(interaction: ActedInteraction): string {
  return interaction.kind === 'block_action' ? interaction.action_id : interaction.callback_id;
}
