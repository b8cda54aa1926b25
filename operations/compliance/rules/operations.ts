import type { TableRow } from '../csv-table';
import { cell, type Exception, type RuleInput } from './rule';

const hourMs = 3_600_000;

/** Hours in a row without one event of a log. An hour that the period has only a part of does not count as silent. */
export function logGaps({ populations, settings, logs, period, madeAt }: RuleInput): Exception[] {
  const from = Math.ceil(Date.parse(period.from) / hourMs) * hourMs;
  const to = Math.floor(Math.min(Date.parse(period.to), Date.parse(madeAt)) / hourMs) * hourMs;
  return logs.flatMap((log) => {
    const hours = new Map<number, TableRow>();
    for (const row of populations.log_hours)
      if (cell(row, 'log') === log) hours.set(Date.parse(cell(row, 'hour')), row);
    const found: Exception[] = [];
    for (let begin = from; begin < to; ) {
      if (hours.has(begin)) {
        begin += hourMs;
        continue;
      }
      let end = begin;
      while (end < to && !hours.has(end)) end += hourMs;
      const silent = (end - begin) / hourMs;
      const neighbours = [hours.get(begin - hourMs), hours.get(end)].filter((row) => row !== undefined);
      if (silent >= settings.logGapHours) {
        const [first, last] = [new Date(begin).toISOString(), new Date(end).toISOString()];
        found.push({
          control: 'operations_log_gaps',
          kind: 'log_gap',
          class: 'exception',
          at: first,
          subject: log,
          statement: `Nothing of ${log} was received for ${silent} ${silent === 1 ? 'hour' : 'hours'}, from ${first} to ${last}.`,
          population: 'log_hours',
          rows: neighbours,
        });
      }
      begin = end;
    }
    return found;
  });
}

const harmful =
  /:(?:StopLogging|DeleteTrail|UpdateTrail|PutEventSelectors|DeleteFlowLogs|DeleteDetector|UpdateDetector|StopConfigurationRecorder|DeleteConfigurationRecorder|DisableSecurityHub|DeleteEventDataStore|DeleteLogGroup)$/;

/** Recording that was stopped, deleted or changed. Starting it is in the population alone. */
export function logChanges({ populations }: RuleInput): Exception[] {
  return populations.log_changes
    .filter((row) => harmful.test(cell(row, 'action')) && cell(row, 'error') === '')
    .map((row) => ({
      control: 'operations_log_changes',
      kind: 'logging_changed',
      class: 'exception',
      at: cell(row, 'time'),
      subject: cell(row, 'user'),
      statement: `${cell(row, 'user')} called ${cell(row, 'action')}${cell(row, 'target') === '' ? '' : ` on ${cell(row, 'target')}`} in account ${cell(row, 'account') || 'unknown'}.`,
      population: 'log_changes',
      rows: [row],
    }));
}
