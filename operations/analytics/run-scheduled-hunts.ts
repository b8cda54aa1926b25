import { z } from 'zod';
import { InvalidInputError, OperationError } from '../errors';
import { mapConcurrently } from '../gitlab/concurrency';
import { casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import { type Ports, portsWith } from '../ports';
import { huntNamed, hunts } from './hunts';
import { type Hunt, huntSql } from './hunts/hunt';
import type { HuntRun, HuntSchedulePort } from './schedule/hunt-schedule-port';
import { missedRuns } from './schedule/hunt-window';
import { problemsOf, summaryOf } from './schedule/run-report';
import { idle, openedSchema, runTurn, type TurnLimits, turnSchema } from './schedule/scheduled-hunt';

/** Panther lets a few queries of one token run side by side; this leaves room for people. */
const huntsAtOnce = 3;

/** The schedule of this host. Throws where there is none: hosts send such calls to the bridge. */
export function scheduleOf(ports: Ports): HuntSchedulePort {
  if (ports.hunts !== undefined) return ports.hunts;
  throw new OperationError(
    'unavailable',
    'Hunts on schedule are kept by the bridge; this host has none. Call the bridge.',
  );
}

const output = z.object({
  status: z
    .enum(['completed', 'incomplete', 'already_running'])
    .describe(
      'incomplete: a hunt did not get to its end and is run again next time; already_running: nothing was done',
    ),
  summary: z.string(),
  run_id: z.string().nullable(),
  started_at: z.string().nullable(),
  previous_run_at: z.string().nullable().describe('When the run before this one began; null for the first'),
  missed_runs: z.number().int().describe('Runs that should have come between the two'),
  problems: z
    .array(z.string())
    .describe('What people have to know besides the findings, a line each; empty when all is well'),
  opened: z.array(openedSchema).describe('One for each new finding'),
  hunts: z.array(turnSchema),
});

export const runScheduledHunts = defineOperation({
  name: 'run_scheduled_hunts',
  toolset: 'analytics',
  resource: 'Hunt',
  title: 'Run Scheduled',
  action: 'Run the scheduled hunts',
  description:
    'Runs every hunt (or those named) over the time since its last complete run, and opens one case for each new finding: what one actor does within a day of its first call, as one hunt sees it. The bridge remembers how far each hunt has read; windows overlap, so that calls that arrive late are seen, and a finding that is seen again keeps its case. A hunt that fails, or whose rows were cut, is run again with a longer window by the next run; time that lies too far back is named as a gap. Says how many runs were missed. Two runs at once are one. Call it every four hours; investigate_alert goes on with each of `opened`.',
  effect: 'write',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'bridge',
  input: z.object({
    hunts: z.array(z.string().min(1).max(64)).max(100).default([]).describe('Names of list_hunts; default: every hunt'),
    skip: z.array(z.string().min(1).max(64)).max(100).default([]).describe('Names of hunts that are not run'),
    parameters: z
      .record(z.record(z.number()))
      .default({})
      .describe('Parameters by hunt, e.g. {"many_refusals": {"calls": 20}}; default: their own'),
    interval_hours: z
      .number()
      .min(0.25)
      .max(168)
      .default(4)
      .describe('Hours between two runs of the schedule; tells which were missed. Default 4'),
    overlap_minutes: z
      .number()
      .int()
      .min(60)
      .max(1440)
      .default(60)
      .describe(
        'How far each window reaches back behind what was read, at least the hour within which hunts count. Default 60',
      ),
    delay_minutes: z
      .number()
      .int()
      .min(0)
      .max(1440)
      .default(15)
      .describe('How long calls take to arrive: windows end so long before now. Default 15'),
    max_window_hours: z
      .number()
      .int()
      .min(1)
      .max(720)
      .default(72)
      .describe('Longest window to catch up with, in hours. Default 72'),
    wait_seconds: z.number().int().min(5).max(300).default(120).describe('Seconds to wait for one hunt. Default 120'),
    budget_seconds: z
      .number()
      .int()
      .min(10)
      .max(3000)
      .default(480)
      .describe('No hunt is begun after so many seconds. Default 480'),
    max_new_cases: z
      .number()
      .int()
      .min(1)
      .max(200)
      .default(20)
      .describe('Most cases that one hunt opens in one run; the next run opens the others. Default 20'),
  }),
  output,
  example: { hunts: ['log_tampering', 'mfa_removed'] },
  varies: [
    'summary',
    'run_id',
    'started_at',
    'previous_run_at',
    'hunts.*.window.from',
    'hunts.*.window.to',
    'hunts.*.query_id',
  ],
  list: 'opened',
  async run(ports, given) {
    const chosen = chosenHunts(given);
    const schedule = scheduleOf(ports);
    const cases = casesOf(ports);
    const limits: TurnLimits = {
      intervalHours: given.interval_hours,
      overlapMinutes: given.overlap_minutes,
      delayMinutes: given.delay_minutes,
      maxWindowHours: given.max_window_hours,
      waitSeconds: given.wait_seconds,
      maxNewCases: given.max_new_cases,
    };
    const result = await schedule.exclusively(async (run) => {
      const until = Date.parse(run.started_at) + given.budget_seconds * 1000;
      let done = 0;
      const results = await mapConcurrently(
        chosen,
        async (hunt) => {
          if (ports.now().getTime() > until)
            return { turn: idle(hunt, run.states.get(hunt.name), 'No time was left in this run.'), opened: [] };
          const result = await runTurn(
            portsWith(ports, { cases }),
            run,
            hunt,
            given.parameters[hunt.name] ?? {},
            limits,
          );
          done += 1;
          ports.progress(`${hunt.name}: ${result.turn.status}`, done, chosen.length);
          return result;
        },
        huntsAtOnce,
      );
      return report(run, results, limits.intervalHours);
    });
    if (result !== undefined) return result;
    const last = await schedule.lastRun();
    return {
      status: 'already_running' as const,
      summary: `The scheduled hunts are running already${last === undefined ? '' : `, since ${last.started_at}`}`,
      run_id: null,
      started_at: null,
      previous_run_at: last?.started_at ?? null,
      missed_runs: 0,
      problems: [],
      opened: [],
      hunts: [],
    };
  },
});

async function report(
  run: HuntRun,
  results: Awaited<ReturnType<typeof runTurn>>[],
  intervalHours: number,
): Promise<z.output<typeof output>> {
  const turns = results.map(({ turn }) => turn);
  const opened = results.flatMap((result) => result.opened);
  const { previous } = run;
  const missed = missedRuns(previous?.started_at, new Date(run.started_at), intervalHours);
  const unfinished = turns.filter(({ status }) => status !== 'completed' && status !== 'no_table').length;
  await run.finish({ missed_runs: missed, opened_cases: opened.length, unfinished_hunts: unfinished });
  return {
    status: unfinished === 0 ? 'completed' : 'incomplete',
    summary: summaryOf(turns, opened),
    run_id: run.id,
    started_at: run.started_at,
    previous_run_at: previous?.started_at ?? null,
    missed_runs: missed,
    problems: problemsOf(turns, { missed, previous }),
    opened,
    hunts: turns,
  };
}

/** The hunts to run, in the order of the list. Throws InvalidInputError for a name that there is not, or a parameter out of bounds. */
function chosenHunts(given: {
  hunts: readonly string[];
  skip: readonly string[];
  parameters: Readonly<Record<string, Readonly<Record<string, number>>>>;
}): Hunt[] {
  const known = (field: string, names: readonly string[]) => {
    const unknown = names.find((name) => huntNamed(name) === undefined);
    if (unknown !== undefined)
      throw new InvalidInputError(field, `"${unknown}" is none of ${hunts.map(({ name }) => name).join(', ')}`);
  };
  known('hunts', given.hunts);
  known('skip', given.skip);
  known('parameters', Object.keys(given.parameters));
  const chosen = hunts.filter(
    ({ name }) => (given.hunts.length === 0 || given.hunts.includes(name)) && !given.skip.includes(name),
  );
  if (chosen.length === 0) throw new InvalidInputError('skip', 'leaves no hunt to run');
  const moment = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z' };
  for (const hunt of chosen) huntSql(hunt, moment, given.parameters[hunt.name] ?? {});
  return chosen;
}
