import { z } from 'zod';
import { cleanLine } from '../text';
import { approvalFindings } from './approval-findings';
import type { Approvals } from './approvals';
import type { MergeRequestHistory } from './merge-request-history';
import { mergerOf } from './merge-request-shape';
import type { WireCommit, WireMergeRequest } from './wire-types';

export const findingCodes = [
  'self_merged',
  'self_approved',
  'approver_is_committer',
  'merged_without_approval',
  'merged_below_required_approvals',
  'merged_indirectly',
  'approval_rules_overwritten',
  'approved_before_last_push',
  'commit_after_last_approval',
  'merged_with_failed_pipeline',
  'merged_without_pipeline',
  'merged_before_pipeline_finished',
  'post_merge_pipeline_failed',
  'downstream_pipeline_failed',
  'from_fork',
  'first_contribution',
  'unsigned_commits',
  'author_is_not_committer',
] as const;

export const findingSchema = z.object({
  code: z.enum(findingCodes),
  severity: z.enum(['info', 'low', 'medium', 'high']).describe('How much it would matter if it was not meant to be'),
  statement: z.string().describe('What was seen, in one sentence'),
  evidence: z
    .record(z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]))
    .describe('The values that the statement rests on, as GitLab gave them'),
  certainty: z
    .enum(['certain', 'likely', 'possible'])
    .describe(
      'certain: GitLab itself recorded it; likely: it follows, unless settings changed since; possible: it rests on texts that whoever commits can write',
    ),
});
export type Finding = z.infer<typeof findingSchema>;

export interface FindingFacts {
  wire: WireMergeRequest;
  approvals: Approvals;
  commits: readonly WireCommit[];
  history: MergeRequestHistory;
}

/**
 * What follows from the facts read, and nothing from an error: without approval data there is no finding about
 * approvals, without versions none about pushes. A finding is a thing to look at, not a breach: many projects allow some
 * of them.
 */
export function findInMergeRequest(facts: FindingFacts): Finding[] {
  return [
    ...mergeFindings(facts),
    ...approvalFindings(facts),
    ...(facts.wire.state === 'merged' ? pipelineFindings(facts) : []),
    ...originFindings(facts),
    ...commitFindings(facts),
  ];
}

function mergeFindings({ wire, approvals, history }: FindingFacts): Finding[] {
  if (wire.state !== 'merged') return [];
  const merger = mergerOf(wire);
  const author = wire.author?.username;
  if (merger === null) return [indirectMerge(wire, history)];
  if (author === undefined || merger.username !== author) return [];
  const others = approvals.approved_by.flatMap(({ username }) =>
    username !== author && username !== null ? [username] : [],
  );
  const name = cleanLine(author, 255);
  return [
    {
      code: 'self_merged',
      severity: others.length > 0 ? 'low' : 'medium',
      statement: `${name} merged their own merge request${others.length > 0 ? ', which somebody else had approved' : ''}.`,
      evidence: { author: name, merged_by: name, merged_at: wire.merged_at, approved_by_others: others },
      certainty: 'certain',
    },
  ];
}

/**
 * A merge request whose commits reached the branch another way is closed as merged, without a merger and without
 * approvals: GitLab's own compliance report calls that a violation wrongly, so it is one low finding of its own.
 */
function indirectMerge(wire: WireMergeRequest, { indirect }: MergeRequestHistory): Finding {
  const { merge_commit_sha: merge, squash_commit_sha: squash } = wire;
  const others = indirect?.otherMergeRequests ?? [];
  const source = indirect?.sourceCommit ?? null;
  const isProven = source !== null || (indirect?.sourceMergeRequest ?? null) !== null;
  const by = indirect?.by ?? null;
  const hasNoCommit = merge === null && squash === null;
  const how = isProven
    ? `Its commits reached the branch another way${by === null ? '' : `, by ${cleanLine(by, 255)}`}; GitLab closed it as merged.`
    : hasNoCommit
      ? 'Nobody is recorded as its merger, and there is no merge commit: its commits seem to have reached the branch another way.'
      : 'Nobody is recorded as its merger, though there is a merge commit: the account may be deleted.';
  return {
    code: 'merged_indirectly',
    severity: 'low',
    statement: how,
    evidence: {
      merge_user: null,
      merge_commit_sha: merge,
      squash_commit_sha: squash,
      merged_at: wire.merged_at,
      by: by && cleanLine(by, 255),
      source_commit: source && cleanLine(source, 64),
      source_merge_request: indirect?.sourceMergeRequest ?? null,
      other_merge_requests: others.map((iid) => `!${iid}`),
    },
    certainty: isProven ? 'certain' : hasNoCommit ? 'likely' : 'possible',
  };
}

/** The head pipeline is read as it is today; only one that ended before the merge tells how things were then. */
function pipelineFindings({ wire, history }: FindingFacts): Finding[] {
  const { head_pipeline: pipeline, merged_at: mergedAt } = wire;
  if (mergedAt === null) return [];
  if (pipeline === null) {
    if (history.hasPipelines !== false) return [];
    return [
      {
        code: 'merged_without_pipeline',
        severity: 'low',
        statement: `It was merged at ${mergedAt} and has no pipeline.`,
        evidence: { head_pipeline: null, pipelines: 0, merged_at: mergedAt },
        certainty: 'likely',
      },
    ];
  }
  const status = cleanLine(pipeline.status ?? 'unknown', 40);
  const evidence = {
    pipeline_id: pipeline.id,
    status,
    sha: pipeline.sha && cleanLine(pipeline.sha, 64),
    created_at: pipeline.created_at,
    finished_at: pipeline.finished_at,
    merged_at: mergedAt,
  };
  const endedBefore = pipeline.finished_at !== null && pipeline.finished_at <= mergedAt;
  if (status === 'skipped' || (pipeline.created_at !== null && pipeline.created_at > mergedAt)) {
    const why = status === 'skipped' ? 'was skipped' : `was created after that, at ${pipeline.created_at}`;
    const statement = `It was merged at ${mergedAt}; its pipeline ${pipeline.id} ${why}.`;
    return [{ code: 'merged_without_pipeline', severity: 'low', statement, evidence, certainty: 'certain' }];
  }
  if (endedBefore) {
    if (status !== 'failed' && status !== 'canceled') return [];
    return [
      {
        code: 'merged_with_failed_pipeline',
        severity: 'high',
        statement: `Its pipeline ${pipeline.id} had ${status === 'failed' ? 'failed' : 'been canceled'} at ${pipeline.finished_at}, before it was merged at ${mergedAt}.`,
        evidence,
        certainty: 'certain',
      },
    ];
  }
  const isUnderWay = ['created', 'waiting_for_resource', 'preparing', 'pending', 'running'].includes(status);
  if (pipeline.finished_at === null && !isUnderWay) return [];
  const end =
    pipeline.finished_at === null
      ? `pipeline ${pipeline.id} is still ${status}`
      : `the last run of its pipeline ${pipeline.id} ended after that, at ${pipeline.finished_at}, with ${status}`;
  return [
    {
      code: 'merged_before_pipeline_finished',
      severity: 'medium',
      statement: `It was merged at ${mergedAt}; ${end}.`,
      evidence,
      certainty: 'certain',
    },
  ];
}

function originFindings({ wire }: FindingFacts): Finding[] {
  const findings: Finding[] = [];
  const author = cleanLine(wire.author?.username ?? 'its author', 255);
  if (wire.source_project_id !== wire.target_project_id) {
    findings.push({
      code: 'from_fork',
      severity: 'info',
      statement: 'The source branch is in another project.',
      evidence: { source_project_id: wire.source_project_id, target_project_id: wire.target_project_id },
      certainty: 'certain',
    });
  }
  if (wire.first_contribution) {
    findings.push({
      code: 'first_contribution',
      severity: 'low',
      statement: `It is the first merge request of ${author} in this project.`,
      evidence: { author, first_contribution: true },
      certainty: 'certain',
    });
  }
  return findings;
}

const shownCommits = 10;

function commitFindings({ commits, history }: FindingFacts): Finding[] {
  const findings: Finding[] = [];
  const { signatures, requiresSignatures } = history;
  const unsigned = commits.filter(({ id }) => signatures?.get(id)?.state === 'unsigned');
  if (requiresSignatures && unsigned.length > 0) {
    findings.push({
      code: 'unsigned_commits',
      severity: 'medium',
      statement: `${unsigned.length} of ${signatures?.size ?? 0} commits looked at ${unsigned.length === 1 ? 'has' : 'have'} no signature, and the project refuses unsigned commits today.`,
      evidence: {
        reject_unsigned_commits: true,
        unsigned: unsigned.slice(0, shownCommits).map(({ id }) => cleanLine(id, 64)),
        looked_at: signatures?.size ?? 0,
        commits: commits.length,
      },
      certainty: 'likely',
    });
  }
  const others = commits.filter(hasOtherCommitter);
  if (others.length > 0) {
    findings.push({
      code: 'author_is_not_committer',
      severity: 'info',
      statement: `${others.length} of ${commits.length} commits ${others.length === 1 ? 'names' : 'name'} another author than committer.`,
      evidence: {
        commits: others.slice(0, shownCommits).map(({ id }) => cleanLine(id, 64)),
        authors: distinct(others.map((commit) => commit.author_email)),
        committers: distinct(others.map((commit) => commit.committer_email)),
      },
      certainty: 'possible',
    });
  }
  return findings;
}

/** A commit that GitLab itself made, in a rebase or by its editor, is committed as "GitLab". */
function hasOtherCommitter(commit: WireCommit): boolean {
  const { author_email: author, committer_email: committer, committer_name: name } = commit;
  if (author === null || committer === null || name === 'GitLab') return false;
  return author.trim().toLowerCase() !== committer.trim().toLowerCase();
}

function distinct(emails: readonly (string | null)[]): string[] {
  return [...new Set(emails.flatMap((email) => (email === null ? [] : [cleanLine(email, 255)])))].slice(
    0,
    shownCommits,
  );
}
