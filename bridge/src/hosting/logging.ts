import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Log } from '../../../operations/ports';
import { cleanJson, cleanText } from '../../../operations/text';

export type { Logger };

/** Field names whose values never reach a log, at the top and one level down. */
const secretFields = [
  'authorization',
  'token',
  'password',
  'secret',
  'api_key',
  'x-api-key',
  'private-token',
  'cookie',
];

/** JSON lines on stderr: stdout belongs to the MCP messages of stdio and to the ready line of `serve`. */
export function createLogger(level: string, stream: DestinationStream = standardError()): Logger {
  return pino(
    {
      level,
      base: { app: 'soc-bridge' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`]),
        censor: '[redacted]',
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
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
