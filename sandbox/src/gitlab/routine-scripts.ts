import { SeededRandom } from '../seeded-random';
import { SIMULATED_PEOPLE as P, type SimulatedPerson } from '../simulated-people';
import { append, commit } from './edits';
import type { Mishap } from './pipelines';
import { dependencyUpdate, ROUTINES, type Routine } from './routine-changes';
import type { MergeRequestScript } from './scripts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Team {
  project: string;
  count: number;
  people: SimulatedPerson[];
  /** Jobs that sometimes fail, with what the log then shows. */
  failures: Mishap[];
  dependencies?: 'service' | 'web';
}

const TEAMS: Team[] = [
  {
    project: 'infrastructure',
    count: 20,
    people: [P.mira, P.jonas],
    failures: [
      { job: 'plan', flavour: 'terraform-error' },
      { job: 'plan', flavour: 'state-lock', transient: true },
      { job: 'fmt', flavour: 'terraform-fmt' },
      { job: 'tfsec', flavour: 'tfsec' },
    ],
  },
  {
    project: 'payments-api',
    count: 19,
    people: [P.priya, P.tomas],
    failures: [
      { job: 'unit tests', flavour: 'unit-test' },
      { job: 'types', flavour: 'type-error' },
      { job: 'contract tests', flavour: 'network', transient: true },
      { job: 'dependency-audit', flavour: 'audit' },
    ],
    dependencies: 'service',
  },
  {
    project: 'customer-portal',
    count: 15,
    people: [P.hana, P.didier],
    failures: [
      { job: 'unit tests', flavour: 'unit-test' },
      { job: 'eslint', flavour: 'lint' },
      { job: 'build image', flavour: 'image-pull', reason: 'runner_system_failure', transient: true },
    ],
    dependencies: 'web',
  },
  {
    project: 'ledger-jobs',
    count: 12,
    people: [P.lucia, P.kwame],
    failures: [
      { job: 'pytest', flavour: 'pytest' },
      { job: 'pytest', flavour: 'timeout', reason: 'job_execution_timeout' },
    ],
  },
  {
    project: 'detections',
    count: 10,
    people: [P.aylin, P.eva, P.rafael],
    failures: [{ job: 'rule tests', flavour: 'pytest' }],
  },
];

/** A month of everyday merge requests: office hours on working days, reviewed by a colleague, most of them merged. */
export function routineScripts(seed: number, now: Date): MergeRequestScript[] {
  return TEAMS.flatMap((team) => {
    const random = new SeededRandom(`${seed} routine ${team.project}`);
    return Array.from({ length: team.count }, (_, index) => routine(team, random, now, index));
  });
}

function routine(team: Team, random: SeededRandom, now: Date, index: number): MergeRequestScript {
  const author = random.pick(team.people);
  const reviewer = random.pick(team.people.filter((person) => person !== author));
  const bot = team.dependencies !== undefined && random.chance(0.25);
  const routines = ROUTINES[team.project] as Routine[];
  const change =
    bot && team.dependencies
      ? dependencyUpdate(random, team.dependencies, index)
      : random.pick(routines)(random, index + 1);
  // Spread evenly, oldest first, so that every part of the month has some; two and a half days are left for the stories.
  const age = 2.5 + ((team.count - index - random.next()) / team.count) * 24.5;
  const createdAt = officeHours(new Date(now.getTime() - age * DAY), random);

  const failure = random.chance(0.3) ? random.pick(team.failures) : undefined;
  const blocking =
    failure !== undefined && !failure.transient && failure.job !== 'tfsec' && failure.job !== 'dependency-audit';
  const fixedAt = new Date(createdAt.getTime() + random.int(25, 140) * MINUTE);
  const [first, ...rest] = change.commits;
  const split = blocking && first !== undefined;
  const fix =
    rest.length > 0
      ? rest
      : [commit('Fix the failing check', append('README.md', `\nNote ${index + 1}: see the merge request.`))];
  const ready = (split ? fixedAt : createdAt).getTime() + 20 * MINUTE;
  const reviewedAt = new Date(ready + random.int(5, 300) * MINUTE);
  const endAt = new Date(reviewedAt.getTime() + random.int(2, 90) * MINUTE);
  const fate = random.next();
  return {
    project: team.project,
    change: split ? { ...change, commits: [first] } : change,
    author: bot ? P.renovate : author,
    reviewers: [reviewer],
    createdAt,
    laterPushes: split ? [{ at: fixedAt, commits: fix }] : undefined,
    mishaps: failure ? { 0: [failure] } : undefined,
    approvals: fate < 0.93 ? [{ by: reviewer, at: reviewedAt }] : [],
    comments: random.chance(0.5)
      ? [{ by: reviewer, at: new Date(reviewedAt.getTime() - MINUTE), body: random.pick(COMMENTS) }]
      : undefined,
    end:
      fate < 0.86
        ? { kind: 'merge', by: random.chance(0.6) ? reviewer : author, at: endAt }
        : fate < 0.93
          ? { kind: 'open' }
          : { kind: 'close', by: author, at: endAt },
    autoMerge: random.chance(0.15) || undefined,
  };
}

const COMMENTS = [
  'Looks good to me.',
  'Nice and small, thank you.',
  'One question below, not blocking.',
  'Tried it on staging, works.',
  'Could we name this differently?',
];

/** Moves a time to a working day between 07:00 and 16:00 UTC, never later than it was by more than the weekend. */
function officeHours(time: Date, random: SeededRandom): Date {
  const day = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()));
  const weekday = day.getUTCDay();
  if (weekday === 0) day.setUTCDate(day.getUTCDate() - 2);
  if (weekday === 6) day.setUTCDate(day.getUTCDate() - 1);
  return new Date(day.getTime() + random.int(7 * 60, 16 * 60) * MINUTE + random.int(0, 59_999));
}
