import { SIMULATED_PEOPLE as P, type SimulatedPerson } from '../simulated-people';
import { addCommit } from './repository';
import { SEED_FILES } from './seed-files';
import type { Group, Project } from './world';

const DAY = 86_400_000;

export const ROOT_GROUP = 'simulated-corp';

export const GROUPS: Group[] = [
  {
    id: 10,
    path: ROOT_GROUP,
    name: 'Simulated Corp',
    description: 'An invented company; nothing here is real.',
    parentId: null,
  },
  { id: 11, path: `${ROOT_GROUP}/platform`, name: 'Platform', description: 'Simulated', parentId: 10 },
  { id: 12, path: `${ROOT_GROUP}/data`, name: 'Data', description: 'Simulated', parentId: 10 },
  { id: 13, path: `${ROOT_GROUP}/security`, name: 'Security', description: 'Simulated', parentId: 10 },
  {
    id: 14,
    path: 'simulated-community',
    name: 'Simulated Community',
    description: 'Invented strangers on the same server.',
    parentId: null,
    open: true,
  },
];

/** Paths that projects had before they were moved; GitLab answers those with a redirect. */
export const MOVED: Record<string, string> = {
  [`${ROOT_GROUP}/payments-api`]: `${ROOT_GROUP}/platform/payments-api`,
};

type Settings = Pick<Project, 'approvalsRequired' | 'squash' | 'instanceRunners' | 'maintainers'> & Partial<Project>;

type Maker = (id: number, path: string, name: string, description: string, settings: Settings) => Project;

/** Makes projects of those groups with those files in their first commit, 45 days before `now`. */
export function projectMaker(
  now: Date,
  groups: readonly Group[],
  files: Readonly<Record<string, [path: string, content: string][]>>,
): Maker {
  const createdAt = new Date(now.getTime() - 45 * DAY);
  return (id, path, name, description, settings) => {
    const last = path.split('/').pop() ?? path;
    const group = groups.find((entry) => entry.path === path.slice(0, path.lastIndexOf('/')));
    if (!group) throw new Error(`There is no group for ${path}`);
    const commits: Project['commits'] = new Map();
    const author = settings.maintainers[0] as SimulatedPerson;
    const tip = addCommit(
      { path, commits },
      {
        parents: [],
        message: 'First commit of the simulated history',
        author,
        committer: author,
        at: createdAt,
        tree: new Map(files[last]),
      },
    );
    return {
      id,
      path,
      name,
      description: `Simulated: ${description}`,
      group,
      createdAt,
      archived: false,
      hidden: false,
      commits,
      tip,
      branchPushes: [],
      mergeRequests: [],
      pipelines: [],
      ...settings,
    };
  };
}

export function createProjects(now: Date): Project[] {
  const project = projectMaker(now, GROUPS, SEED_FILES);
  return [
    project(101, `${ROOT_GROUP}/platform/infrastructure`, 'Infrastructure', 'Terraform for the AWS accounts', {
      approvalsRequired: 1,
      squash: false,
      instanceRunners: false,
      maintainers: [P.mira, P.jonas],
    }),
    project(102, `${ROOT_GROUP}/platform/payments-api`, 'Payments API', 'takes card payments', {
      approvalsRequired: 1,
      squash: false,
      instanceRunners: true,
      maintainers: [P.priya, P.tomas],
    }),
    project(103, `${ROOT_GROUP}/platform/customer-portal`, 'Customer portal', 'what customers see', {
      approvalsRequired: 1,
      squash: true,
      instanceRunners: true,
      maintainers: [P.hana, P.didier],
    }),
    project(104, `${ROOT_GROUP}/data/ledger-jobs`, 'Ledger jobs', 'daily accounting jobs', {
      approvalsRequired: 1,
      squash: false,
      instanceRunners: true,
      maintainers: [P.lucia, P.kwame],
    }),
    project(105, `${ROOT_GROUP}/security/detections`, 'Detections', 'SIEM rules of the SOC', {
      approvalsRequired: 1,
      squash: true,
      instanceRunners: false,
      maintainers: [P.eva, P.aylin],
    }),
    project(106, `${ROOT_GROUP}/platform/legacy-portal`, 'Legacy portal', 'archived', {
      approvalsRequired: 0,
      squash: false,
      instanceRunners: true,
      maintainers: [P.hana, P.didier],
      archived: true,
    }),
    project(107, `${ROOT_GROUP}/platform/ci-templates`, 'CI templates', 'not visible to the token', {
      approvalsRequired: 1,
      squash: false,
      instanceRunners: true,
      maintainers: [P.mira],
      hidden: true,
    }),
    project(108, 'simulated-community/payments-api', 'Payments API', "a stranger's public project of the same name", {
      approvalsRequired: 0,
      squash: false,
      instanceRunners: true,
      maintainers: [P.mira],
      open: true,
    }),
  ];
}
