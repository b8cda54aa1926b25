import { z } from 'zod';
import { defineOperation } from '../operation';
import { hunts } from './hunts';
import { scheduleOf } from './run-scheduled-hunts';
import { missedRuns } from './schedule/hunt-window';

const stateSchema = z.object({
  hunt: z.string(),
  title: z.string(),
  watermark: z.string().nullable().describe('Everything before it was looked at; null for a hunt that never ran'),
  last_success_at: z.string().nullable(),
  failures: z.number().int().describe('Runs in a row in which it did not get to its end'),
  last_problem: z.string().nullable(),
  gap: z
    .object({ from: z.string(), to: z.string() })
    .nullable()
    .describe('The last stretch of time that was given up because it lay too far back'),
});

export const getHuntSchedule = defineOperation({
  name: 'get_hunt_schedule',
  toolset: 'analytics',
  resource: 'Hunt',
  title: 'Get Schedule',
  action: 'Get the schedule of hunts',
  description:
    'Shows how far each hunt on schedule has read, when it last got to its end, what keeps it from doing so, which time was given up, when the last run was, and whether runs are missing now. Starts nothing.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    interval_hours: z
      .number()
      .min(0.25)
      .max(168)
      .default(4)
      .describe('Hours between two runs of the schedule. Default 4'),
  }),
  output: z.object({
    last_run: z
      .object({
        id: z.string(),
        started_at: z.string(),
        finished_at: z.string().nullable().describe('Null while it goes on, and for a run that was broken off'),
        missed_runs: z.number().int().describe('Before it'),
        opened_cases: z.number().int(),
        unfinished_hunts: z.number().int(),
      })
      .nullable(),
    overdue_runs: z.number().int().describe('Runs that should have come since the last one, and did not'),
    hunts: z.array(stateSchema),
  }),
  example: {},
  list: 'hunts',
  async run(ports, { interval_hours }) {
    const schedule = scheduleOf(ports);
    const last = await schedule.lastRun();
    const states = new Map((await schedule.states()).map((state) => [state.hunt, state]));
    const since = last === undefined ? 0 : missedRuns(last.started_at, ports.now(), interval_hours);
    return {
      last_run: last ?? null,
      overdue_runs: since,
      hunts: hunts.map(({ name, title }) => {
        const state = states.get(name);
        const { gap_from = null, gap_to = null } = state ?? {};
        return {
          hunt: name,
          title,
          watermark: state?.watermark ?? null,
          last_success_at: state?.last_success_at ?? null,
          failures: state?.failures ?? 0,
          last_problem: state?.last_problem ?? null,
          gap: gap_from === null || gap_to === null ? null : { from: gap_from, to: gap_to },
        };
      }),
    };
  },
});
