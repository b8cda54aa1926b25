import type { Project } from './world';

export interface ProtectedBranch {
  id: number;
  /** Name or pattern. */
  name: string;
  /** Access levels: 0 nobody, 30 Developers, 40 Maintainers. */
  push: number[];
  merge: number[];
  forcePush: boolean;
  codeOwners: boolean;
}

export interface Protection {
  branches: ProtectedBranch[];
  /** null: never set. */
  pushRule: { rejectUnsigned: boolean; committerCheck: boolean; preventSecrets: boolean; memberCheck: boolean } | null;
  authorMayApprove: boolean;
  committersMayNotApprove: boolean;
  resetOnPush: boolean;
  overridingDisabled: boolean;
  rules: { id: number; name: string; type: 'regular' | 'any_approver' | 'code_owner'; required: number }[];
}

/** How a project guards its branches today; in step with the changes that the audit log holds. */
export function protectionOf(project: Project): Protection {
  const last = project.path.split('/').pop() ?? '';
  const own = PLANTED[last] ?? {};
  const branches = own.branches ?? [{ name: 'main', push: [40], merge: [30, 40] }];
  return {
    pushRule: null,
    authorMayApprove: false,
    committersMayNotApprove: true,
    resetOnPush: true,
    overridingDisabled: true,
    rules: [{ id: 3_000 + project.id, name: 'Maintainers', type: 'regular', required: project.approvalsRequired }],
    ...own,
    branches: branches.map((entry, index) => branch(project, index + 1, entry)),
  };
}

type Planted = Omit<Partial<Protection>, 'branches'> & { branches?: Partial<ProtectedBranch>[] };

const strict = { rejectUnsigned: true, committerCheck: true, preventSecrets: true, memberCheck: true };

const PLANTED: Record<string, Planted> = {
  infrastructure: {
    branches: [{ name: 'main', push: [30, 40], merge: [40] }],
    pushRule: strict,
  },
  'payments-api': {
    branches: [
      { name: 'main', push: [0], merge: [30, 40], codeOwners: true },
      { name: 'release/*', push: [40], merge: [40] },
    ],
    pushRule: { ...strict, rejectUnsigned: false },
    resetOnPush: false,
  },
  'customer-portal': {
    branches: [{ name: 'main', push: [40], merge: [40], forcePush: true }],
    committersMayNotApprove: false,
    overridingDisabled: false,
  },
  'ledger-jobs': { branches: [] },
  detections: {
    pushRule: { ...strict, rejectUnsigned: false },
    authorMayApprove: true,
    committersMayNotApprove: false,
  },
};

function branch(project: Project, number: number, given: Partial<ProtectedBranch>): ProtectedBranch {
  return {
    id: 600 + (project.id - 101) * 10 + number,
    name: 'main',
    push: [40],
    merge: [40],
    forcePush: false,
    codeOwners: false,
    ...given,
  };
}
