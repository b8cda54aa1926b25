import { truncate } from '../text';
import type { Approvals } from './approvals';
import type { MergeRequestDetail } from './merge-request-details';
import type { Finding } from './merge-request-findings';
import type { PipelineRole } from './merge-request-pipelines';
import type { FailedJob, Pipeline } from './pipeline-shape';

interface Reviewed {
  merge_request: MergeRequestDetail;
  approvals: Approvals;
  commits: readonly unknown[];
  changed_files: readonly { content: string }[];
  pipelines: readonly (Pipeline & { role: PipelineRole; failed_jobs: readonly FailedJob[] })[];
  findings: readonly Finding[];
  notes: readonly string[];
}

const maxLength = 1500;

/** One paragraph that says nothing the fields beside it do not say. */
export function summarize(reviewed: Reviewed): string {
  const { merge_request: mr } = reviewed;
  const sentences = [
    `!${mr.iid} "${truncate(mr.title, 120)}" of ${mr.project} by ${mr.author ?? 'an unknown author'} into ${mr.target_branch ?? 'an unknown branch'} ${stateOf(mr)}.`,
    approvalsOf(reviewed.approvals),
    `It has ${count(reviewed.commits.length, 'commit')} and ${count(reviewed.changed_files.length, 'changed file')}${withheldOf(reviewed)}.`,
    ...pipelinesOf(reviewed),
    reviewed.findings.length === 0
      ? 'No finding.'
      : `Findings: ${reviewed.findings.map(({ code }) => code).join(', ')}.`,
    reviewed.notes.length === 0 ? '' : `${count(reviewed.notes.length, 'thing')} could not be read in full.`,
  ];
  return truncate(sentences.filter(Boolean).join(' '), maxLength);
}

function stateOf(mr: MergeRequestDetail): string {
  if (mr.state === 'merged')
    return `was merged by ${mr.merged_by ?? 'nobody on record'} at ${mr.merged_at ?? 'an unknown time'}`;
  if (mr.state === 'closed') return `was closed at ${mr.closed_at ?? 'an unknown time'}`;
  return `is ${mr.draft ? 'a draft, ' : ''}${mr.state}`;
}

function approvalsOf(approvals: Approvals): string {
  if (approvals.approval_data === 'unavailable') return 'Its approvals could not be read.';
  const names = approvals.approved_by.map(({ username }) => username ?? 'a deleted account');
  const by = names.length === 0 ? 'Nobody approved it' : `Approved by ${names.slice(0, 10).join(', ')}`;
  return approvals.required === null ? `${by}.` : `${by}; ${approvals.required} required.`;
}

function withheldOf(reviewed: Reviewed): string {
  const withheld = reviewed.changed_files.filter(
    ({ content }) => content === 'collapsed' || content === 'too_large',
  ).length;
  return withheld === 0 ? '' : `, ${withheld} of them too large for GitLab to show`;
}

const labels: Record<PipelineRole, string> = {
  head: 'Head pipeline',
  merge_result: 'Merge result pipeline',
  earlier: 'Earlier pipeline',
  post_merge: 'After the merge, pipeline',
  downstream: 'Downstream pipeline',
};

function pipelinesOf(reviewed: Reviewed): string[] {
  if (reviewed.pipelines.length === 0) return ['No pipeline was found for it.'];
  return reviewed.pipelines
    .filter(({ role, status }) => role === 'head' || role === 'post_merge' || status === 'failed')
    .slice(0, 6)
    .map(({ role, id, status, failed_jobs: jobs }) => {
      const failed = jobs
        .filter((job) => !job.allow_failure)
        .slice(0, 5)
        .map((job) => job.name);
      return `${labels[role]} ${id}: ${status}${failed.length === 0 ? '' : ` (${failed.join(', ')})`}.`;
    });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
