import { z } from 'zod';
import type { Approvals } from './approvals';
import { mergerOf } from './merge-request-shape';
import type { WireCommit, WireMergeRequest } from './wire-types';

export const findingCodes = [
  'self_merged',
  'self_approved',
  'merged_without_approval',
  'merged_below_required_approvals',
  'merged_indirectly',
  'approval_rules_overwritten',
  'commit_after_last_approval',
  'merged_with_failed_pipeline',
  'merged_before_pipeline_finished',
  'post_merge_pipeline_failed',
  'downstream_pipeline_failed',
  'from_fork',
  'first_contribution',
] as const;

export const findingSchema = z.object({
  code: z.enum(findingCodes),
  statement: z.string().describe('What was seen, in one sentence'),
});
export type Finding = z.infer<typeof findingSchema>;

/**
 * What follows from the facts read, and nothing from an error: without approval data there is no finding about
 * approvals. A finding is a thing to look at, not a breach: many projects allow some of them.
 */
export function findInMergeRequest(
  wire: WireMergeRequest,
  approvals: Approvals,
  commits: readonly WireCommit[],
): Finding[] {
  const findings: Finding[] = [];
  const add = (code: Finding['code'], statement: string) => findings.push({ code, statement });
  const author = wire.author?.username;
  const merger = mergerOf(wire);
  const isMerged = wire.state === 'merged';

  if (isMerged && author !== undefined && merger?.username === author)
    add('self_merged', `${author} merged their own merge request.`);
  if (author !== undefined && approvals.approved_by.some(({ username }) => username === author)) {
    add('self_approved', `${author} approved their own merge request.`);
  }
  if (isMerged) {
    addApprovalFindings(add, approvals, merger === null);
    addPipelineFindings(add, wire);
  }
  if (approvals.rules_overwritten) {
    add('approval_rules_overwritten', 'The approval rules of the project were changed for this merge request.');
  }
  const lastApproval = latest(approvals.approved_by.map(({ approved_at }) => approved_at));
  const late = commits.filter(({ committed_date: at }) => at !== null && lastApproval !== null && at > lastApproval);
  if (late.length > 0) {
    add(
      'commit_after_last_approval',
      `${late.length} of the commits ${late.length === 1 ? 'is' : 'are'} dated after the last approval at ${lastApproval} (commit dates are set by the committer).`,
    );
  }
  if (wire.source_project_id !== wire.target_project_id) add('from_fork', 'The source branch is in another project.');
  if (wire.first_contribution)
    add('first_contribution', `It is the first merge request of ${author ?? 'its author'} in this project.`);
  return findings;
}

type Add = (code: Finding['code'], statement: string) => void;

/**
 * A merge request whose commits reached the branch another way is closed as merged, without a merger and without
 * approvals: GitLab's own compliance report calls that a violation wrongly.
 */
function addApprovalFindings(add: Add, approvals: Approvals, hasNoMerger: boolean): void {
  if (hasNoMerger) {
    add(
      'merged_indirectly',
      'Nobody is recorded as its merger: its commits may have reached the branch another way, or the account is deleted.',
    );
    return;
  }
  if (approvals.approval_data === 'unavailable') return;
  const count = approvals.approved_by.length;
  if (count === 0) add('merged_without_approval', 'It was merged and has no approval.');
  else if (approvals.required !== null && count < approvals.required) {
    add(
      'merged_below_required_approvals',
      `It was merged with ${count} of the ${approvals.required} approvals that the rules of today require.`,
    );
  }
}

/** The head pipeline is read as it is today; only one that ended before the merge tells how things were then. */
function addPipelineFindings(add: Add, wire: WireMergeRequest): void {
  const { head_pipeline: pipeline, merged_at: mergedAt } = wire;
  if (pipeline === null || pipeline.finished_at === null || mergedAt === null) return;
  if (pipeline.finished_at > mergedAt) {
    add(
      'merged_before_pipeline_finished',
      `It was merged at ${mergedAt}; the last run of its pipeline ${pipeline.id} ended after that, at ${pipeline.finished_at}, with ${pipeline.status}.`,
    );
  } else if (pipeline.status === 'failed') {
    add(
      'merged_with_failed_pipeline',
      `Its pipeline ${pipeline.id} had failed at ${pipeline.finished_at}, before it was merged at ${mergedAt}.`,
    );
  }
}

/** All instants are ISO 8601 in UTC with milliseconds, so text order is time order. */
function latest(instants: readonly (string | null)[]): string | null {
  return instants.reduce((last, at) => (at !== null && (last === null || at > last) ? at : last), null);
}
