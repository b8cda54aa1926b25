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
export function createLogger(level: string, stream: DestinationStream = destination({ fd: 2, sync: true })): Logger {
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

/** The port's log. Messages and fields may hold text from services, so both are cleaned and secrets in them replaced. */
export function portLog(logger: Logger): Log {
  const write = (level: 'debug' | 'info' | 'warn') => (message: string, fields?: Record<string, unknown>) => {
    if (logger.isLevelEnabled(level)) {
      logger[level]((cleanJson(fields ?? {}, 500) ?? {}) as object, cleanText(message, 500));
    }
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn') };
}
