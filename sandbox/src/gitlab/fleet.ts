import { SeededRandom } from '../seeded-random';
import { SIMULATED_PEOPLE as P, type SimulatedPerson } from '../simulated-people';
import { append, commit, write } from './edits';
import { play } from './history';
import { number } from './ids';
import { addCommit } from './repository';
import type { MergeRequestScript } from './scripts';
import type { Group, Project, World } from './world';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const FLEET_GROUP = 'simulated-fleet';

/** How large the group is. Its merge requests lie in the 28 days before the tenant's moment. */
export interface FleetSize {
  projects: number;
  mergeRequests: number;
}

const TEAMS = 5;
const PEOPLE: readonly SimulatedPerson[] = [P.mira, P.jonas, P.priya, P.tomas, P.hana, P.didier, P.lucia, P.kwame];
/** Ids far behind those of the sample tenant, which stays as it is. */
const FIRST = {
  group: 1_000,
  project: 10_001,
  mergeRequest: 1_000_001,
  pipeline: 2_000_001,
  job: 3_000_001,
  note: 5_000_001,
  push: 7_000_001,
};

/**
 * Adds a group with many small projects in subgroups, for measurements over a whole group: the merge requests are dealt
 * out evenly, one in twelve fails its pipeline, nine in ten are merged. The same seed gives the same group.
 */
export function addFleet(world: World, size: FleetSize, seed: number): void {
  const root: Group = {
    id: FIRST.group,
    path: FLEET_GROUP,
    name: 'Simulated Fleet',
    description: 'Many small invented projects.',
    parentId: null,
  };
  const teams = Array.from({ length: TEAMS }, (_, index) => team(root, index + 1));
  const projects = Array.from({ length: size.projects }, (_, index) =>
    service(index, teams[index % TEAMS] ?? root, world.now),
  );
  const random = new SeededRandom(`${seed} fleet`);
  const scripts = Array.from({ length: size.mergeRequests }, (_, index) =>
    script(projects[index % size.projects] as Project, index, size.mergeRequests, world.now, random),
  );
  play(projects, scripts, seed, world.now);
  number(projects, FIRST);
  world.groups.push(root, ...teams);
  world.projects.push(...projects);
}

function team(root: Group, n: number): Group {
  return {
    id: root.id + n,
    path: `${root.path}/team-${n}`,
    name: `Team ${n}`,
    description: 'Simulated',
    parentId: root.id,
  };
}

function service(index: number, group: Group, now: Date): Project {
  const last = `service-${String(index + 1).padStart(3, '0')}`;
  const path = `${group.path}/${last}`;
  const commits: Project['commits'] = new Map();
  const author = PEOPLE[index % PEOPLE.length] as SimulatedPerson;
  const createdAt = new Date(now.getTime() - 45 * DAY);
  const tip = addCommit(
    { path, commits },
    {
      parents: [],
      message: 'First commit of the simulated history',
      author,
      committer: author,
      at: createdAt,
      tree: new Map([['README.md', `# ${last} (simulated)\n`]]),
    },
  );
  return {
    id: FIRST.project + index,
    path,
    name: `Service ${index + 1}`,
    description: 'Simulated: one of many',
    group,
    createdAt,
    archived: false,
    hidden: false,
    pipelinesLike: 'detections',
    approvalsRequired: 1,
    squash: index % 2 === 0,
    instanceRunners: true,
    maintainers: [author],
    commits,
    tip,
    branchPushes: [],
    mergeRequests: [],
    pipelines: [],
  };
}

function script(project: Project, index: number, of: number, now: Date, random: SeededRandom): MergeRequestScript {
  const author = random.pick(PEOPLE);
  const reviewer = random.pick(PEOPLE.filter((person) => person !== author));
  const createdAt = new Date(now.getTime() - 28 * DAY + Math.floor(((index + random.next()) / of) * 27.5 * DAY));
  const endAt = new Date(createdAt.getTime() + random.int(20, 400) * MINUTE);
  const n = index + 1;
  return {
    project: project.path,
    change: {
      branch: `change-${n}`,
      title: `Adjust setting ${n} of ${project.name}`,
      description: `Simulated change ${n}. Rolled out with the next release; ask the team before reverting.`,
      labels: random.chance(0.3) ? ['config'] : [],
      commits: [
        commit(`Setting ${n}`, write(`settings/${n % 10}.yml`, `value: ${n}\n`), append('README.md', `Setting ${n}.`)),
      ],
    },
    author,
    reviewers: [reviewer],
    createdAt,
    mishaps: index % 12 === 0 ? { 0: [{ job: 'rule tests', flavour: 'pytest' }] } : undefined,
    approvals: [{ by: reviewer, at: endAt }],
    end: index % 10 === 0 ? { kind: 'open' } : { kind: 'merge', by: reviewer, at: endAt },
  };
}
