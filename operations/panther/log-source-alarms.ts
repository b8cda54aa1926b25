import { z } from 'zod';
import { InvalidInputError, MissingPermissionError, NotFoundOrNoAccessError } from '../errors';
import { cleanLine } from '../text';
import type { PantherClient } from './client';
import { pathSegment } from './path-segment';

export const alarmSchema = z.object({
  state: z
    .string()
    .nullable()
    .describe(
      'OK, ALARM or INSUFFICIENT_DATA as Panther says; none when no alarm is set; null when Panther refused to say',
    ),
  minutes_threshold: z.number().nullable().describe('Minutes without data after which it goes off'),
});
export type Alarm = z.infer<typeof alarmSchema>;

const answer = z.object({ state: z.string().nullish(), minutesThreshold: z.number().nullish() });

const atOnce = 5;

/**
 * The drop-off alarm of each source, in the order of the ids, at most five calls at a time. A source without one, or of a
 * kind that cannot have one, gives `none`. Throws MissingPermissionError when the token may not see alarms at all.
 */
export async function readAlarms(client: PantherClient, ids: readonly string[]): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (let from = 0; from < ids.length; from += atOnce) {
    client.ports.progress('Reading the alarms of log sources', from, ids.length);
    alarms.push(...(await Promise.all(ids.slice(from, from + atOnce).map((id) => readAlarm(client, id)))));
  }
  return alarms;
}

async function readAlarm(client: PantherClient, id: string): Promise<Alarm> {
  const object = `alarm of the log source ${cleanLine(id, 100)}`;
  try {
    const alarm = await client.rest({
      method: 'GET',
      path: `/log-source-alarms/${pathSegment('source_id', id)}/SOURCE_NO_DATA`,
      answer,
      safeToRepeat: true,
      permission: 'LogSourceRead',
      what: `to read the ${object}`,
      object,
    });
    return {
      state: alarm?.state ? cleanLine(alarm.state, 60) : null,
      minutes_threshold: alarm?.minutesThreshold ?? null,
    };
  } catch (error) {
    if (error instanceof MissingPermissionError) throw error;
    if (error instanceof NotFoundOrNoAccessError) return { state: 'none', minutes_threshold: null };
    if (error instanceof InvalidInputError) return { state: null, minutes_threshold: null };
    throw error;
  }
}
