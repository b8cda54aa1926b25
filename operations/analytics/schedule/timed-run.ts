import { OperationError } from '../../errors';
import { runOperation } from '../../operation';
import type { Ports } from '../../ports';
import { postMessage } from '../../slack/post-message';
import { runScheduledHunts } from '../run-scheduled-hunts';

/** What the owner of the bridge set for hunts that the bridge runs by itself. */
export interface TimedHunts {
  /** Hours between two runs; 0 for never. */
  everyHours: number;
  /** Names of hunts that are not run. */
  skip: readonly string[];
}

/**
 * One run of the schedule without a workflow around it: the cases it opens are found and driven by the bridge, and what was
 * missed or not seen is posted to the default channel. Throws what the run throws; a message that cannot be posted is
 * logged.
 */
export async function runTimedHunts(ports: Ports, { everyHours, skip }: TimedHunts): Promise<void> {
  const { status, summary, problems } = await runOperation(runScheduledHunts, ports, {
    interval_hours: everyHours,
    skip: [...skip],
  });
  ports.log.info('scheduled hunts', { status, summary, problems: problems.length });
  if (problems.length === 0) return;
  for (const problem of problems) ports.log.warn('scheduled hunts', { problem });
  const text = [`Scheduled hunts: ${summary}.`, ...problems.map((line) => `- ${line}`)].join('\n').slice(0, 9000);
  try {
    await runOperation(postMessage, ports, { text });
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    ports.log.warn('the problems of the scheduled hunts could not be told in Slack', { code: error.code });
  }
}
