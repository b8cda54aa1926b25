import { huntNamed } from '../../../operations/analytics/hunts';
import type { TimedHunts } from '../../../operations/analytics/schedule/timed-run';
import type { SettingsReader } from '../approvals/approval-settings';

/** Off unless a number of hours is set: a workflow runs the hunts as well, and both would only do the work twice. */
export function readHuntSettings(reader: SettingsReader): TimedHunts {
  const everyHours = reader.integer('HUNT_SCHEDULE_HOURS', 0, 0, 168);
  const skip = (reader.text('HUNT_SKIP') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (skip.some((name) => huntNamed(name) === undefined))
    reader.problem('HUNT_SKIP', 'names a hunt that there is not; list_hunts tells the names');
  return { everyHours, skip };
}
