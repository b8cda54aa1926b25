import { stripHidden } from '../../../operations/text';
import type { CallLog } from '../hosting/call-log';

/** A call that says nothing for so long says that it is still under way: silence looks like a hang. */
export const silenceMs = 2000;

/** Progress of one call, for those who asked for it. */
export interface Progress {
  report(message: string, done: number, total?: number): void;
  /** Ends the signs of life. */
  end(): void;
}

export interface ProgressTo {
  /** Nothing is sent once it has aborted. */
  signal: AbortSignal;
  log: Pick<CallLog, 'logger'>;
  /** Sends one notification; undefined when the client did not ask for them. */
  send: ((progress: { progress: number; total?: number; message: string }) => Promise<void>) | undefined;
}

const silent: Progress = { report: () => {}, end: () => {} };

/** Progress values have to grow with every notification, also when an operation reports the same count twice. */
export function startProgress(title: string, to: ProgressTo, quietMs = silenceMs): Progress {
  const { send: deliver, signal, log } = to;
  if (deliver === undefined) return silent;
  const begun = Date.now();
  let ended = false;
  let last = -1;
  let lastTotal: number | undefined;
  let lastMessage = title;
  const send = (message: string, done: number, total: number | undefined) => {
    // An operation that overlooked its end goes on reporting; nobody listens any more, and the timer stays off.
    if (ended || signal.aborted) return;
    last = done > last ? done : last + 0.001;
    deliver({
      progress: last,
      message: stripHidden(message),
      ...(total === undefined ? {} : { total: Math.max(total, last) }),
    }).catch((error: unknown) => log.logger.debug({ err: error }, 'progress not delivered'));
    timer.refresh();
  };
  const timer = setTimeout(() => {
    send(`${lastMessage} (${Math.round((Date.now() - begun) / 1000)} s)`, Math.max(last, 0), lastTotal);
  }, quietMs);
  return {
    report: (message, done, total) => {
      lastMessage = message;
      lastTotal = total;
      send(message, done, total);
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
