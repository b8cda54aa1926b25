import { type Bindings, type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Log } from '../../../operations/ports';
import { cleanJson, cleanText } from '../../../operations/text';
import { loggable } from './log-fields';

export type { Logger };

type Child = (this: unknown, marks: Bindings, options?: object) => unknown;

/** JSON lines on stderr: stdout belongs to the MCP messages of stdio and to the ready line of `serve`. */
export function createLogger(level: string, stream: DestinationStream = standardError()): Logger {
  const logger = pino(
    {
      level,
      base: { app: 'soc-bridge' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: loggable },
      // Errors are taken apart by `loggable`; pino's own way would write out whatever hangs on them.
      serializers: { err: (shown: unknown) => shown },
    },
    stream,
  );
  // What a child says in each of its lines is written once, past the formatter.
  const child: Child = logger.child;
  logger.child = function (this: unknown, marks: Bindings, options?: object) {
    return child.call(this, loggable(marks), options);
  } as Child as typeof logger.child;
  return logger;
}

/** How long a line may wait for others: a write for each would cost more than the line. */
const gatherMs = 100;
const gatherBytes = 4096;
const warning = pino.levels.values.warn ?? 40;

/** Warnings are written at once, and whatever was before them; so is the rest when the process ends by itself. */
function standardError(): DestinationStream {
  const lines = destination({ fd: 2, sync: true, minLength: gatherBytes, periodicFlush: gatherMs });
  process.once('exit', () => lines.flushSync());
  return {
    // pino then says of each line how grave it is.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      lines.write(line);
      if (this.lastLevel >= warning) lines.flushSync();
    },
  } as DestinationStream & { lastLevel: number };
}

/** The port's log. Messages and fields may hold text from services, so both are cleaned and secrets in them replaced. */
export function portLog(logger: Logger): Log {
  const write = (level: 'debug' | 'info' | 'warn') => (message: string, fields?: Record<string, unknown>) => {
    if (logger.isLevelEnabled(level)) {
      logger[level]((cleanJson(fields ?? {}, 500) ?? {}) as object, cleanText(message, 500));
    }
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn') };
}
