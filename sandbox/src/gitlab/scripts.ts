import type { SimulatedPerson } from '../simulated-people';
import type { Mishap } from './pipelines';
import type { ChangePlan, CommitPlan } from './world';

/** Everything that happens to one merge request, written down before it is played. */
export interface MergeRequestScript {
  /** Last part of the project's path. */
  project: string;
  story?: string;
  change: ChangePlan;
  author: SimulatedPerson;
  createdAt: Date;
  reviewers?: SimulatedPerson[];
  /** Pushes after the first one. */
  laterPushes?: { at: Date; commits: CommitPlan[] }[];
  /** What goes wrong in the pipeline of each push. */
  mishaps?: Record<number, Mishap[]>;
  /** What goes wrong on the default branch after the merge. */
  afterMerge?: Mishap[];
  approvals?: { by: SimulatedPerson; at: Date }[];
  comments?: { by: SimulatedPerson; at: Date; body: string }[];
  end: { kind: 'merge' | 'close'; by: SimulatedPerson; at: Date } | { kind: 'open' };
  approvalsRequired?: number;
  draft?: true;
  fork?: true;
  firstContribution?: true;
  autoMerge?: true;
  preparing?: true;
  /** Its branch has no CI, so that no pipeline ran for it. */
  noPipeline?: true;
  indirect?: true;
  squash?: boolean;
}

/** Commits that somebody pushes to the default branch without a merge request. */
export interface PushScript {
  /** Last part of the project's path. */
  project: string;
  story: string;
  by: SimulatedPerson;
  at: Date;
  commits: CommitPlan[];
}
