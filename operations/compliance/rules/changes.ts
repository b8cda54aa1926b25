import type { TableRow } from '../csv-table';
import { cell, type Exception, namesIn, type RuleInput } from './rule';

/** Merge requests into the default branch of their project, or into a branch that was named. */
export function judgedMergeRequests({ populations, settings }: RuleInput): TableRow[] {
  return populations.merge_requests.filter(
    (row) => cell(row, 'into_default') !== 'no' || settings.branches.includes(cell(row, 'target_branch')),
  );
}

/** Who wrote a change has to be another one than who approves it, and somebody has to. */
export function segregationOfDuties(input: RuleInput): Exception[] {
  return judgedMergeRequests(input).flatMap((row): Exception[] => {
    const data = cell(row, 'approval_data');
    if (data === 'unavailable') return [];
    const author = cell(row, 'author');
    const approvers = namesIn(cell(row, 'approved_by'));
    const name = `${cell(row, 'project')}!${cell(row, 'iid')}`;
    const shared = {
      control: 'change_segregation_of_duties',
      class: 'exception',
      at: cell(row, 'merged_at'),
      subject: name,
      population: 'merge_requests',
      rows: [row],
    } as const;
    const found: Exception[] = [];
    if (author !== '' && approvers.includes(author)) {
      found.push({ ...shared, kind: 'approved_by_author', statement: `${author} wrote and approved ${name}.` });
    }
    const committing = namesIn(cell(row, 'committing_approvers')).filter((who) => who !== author);
    if (committing.length > 0) {
      found.push({
        ...shared,
        kind: 'approved_by_committer',
        statement: `${committing.join(', ')} approved ${name}, and its commits name them as author or committer.`,
      });
    }
    const possible = namesIn(cell(row, 'possible_committers')).filter((who) => who !== author);
    if (possible.length > 0) {
      found.push({
        ...shared,
        class: 'lead',
        kind: 'approver_may_be_committer',
        statement: `${possible.join(', ')} approved ${name}, and commits of it carry the same name or e-mail address, which whoever commits chooses.`,
      });
    }
    const required = cell(row, 'approvals_required');
    // GitLab closes a merge request whose commits reached the branch another way, without anybody approving it.
    const isIndirect = cell(row, 'merged_indirectly') === 'yes';
    if (approvers.length === 0) {
      found.push({
        ...shared,
        class: isIndirect ? 'lead' : 'exception',
        kind: isIndirect ? 'merged_indirectly' : 'merged_without_approval',
        statement: isIndirect
          ? `${name} was closed as merged without an approval: its commits reached ${cell(row, 'target_branch')} another way.`
          : `${name} was merged into ${cell(row, 'target_branch')} by ${cell(row, 'merged_by') || 'somebody unknown'} without an approval.`,
      });
    } else if (required !== '' && approvers.length < Number(required)) {
      found.push({
        ...shared,
        kind: 'merged_below_required_approvals',
        statement: `${name} was merged with ${approvers.length} of the ${required} approvals that its rules of today require.`,
      });
    }
    return found;
  });
}

/** What was approved has to be what was merged. */
export function approvalBeforeLastChange(input: RuleInput): Exception[] {
  return judgedMergeRequests(input).flatMap((row): Exception[] => {
    const [approved, changed] = [cell(row, 'last_approved_at'), cell(row, 'last_changed_at')];
    // Both are ISO 8601 in UTC with milliseconds, so text order is time order.
    if (approved === '' || changed === '' || changed <= approved) return [];
    const name = `${cell(row, 'project')}!${cell(row, 'iid')}`;
    return [
      {
        control: 'change_approval_before_last_change',
        kind: 'approved_before_last_change',
        class: 'exception',
        at: changed,
        subject: name,
        statement: `The last approval of ${name} was at ${approved}; the code that was merged was pushed after it, at ${changed}.`,
        population: 'merge_requests',
        rows: [row],
      },
    ];
  });
}

export function directPushes({ populations }: RuleInput): Exception[] {
  return populations.pushes
    .filter((row) => cell(row, 'looked_up') === 'yes' && cell(row, 'merge_requests') === '')
    .map((row) => ({
      control: 'change_direct_push',
      kind: 'direct_push',
      class: 'exception',
      at: cell(row, 'time'),
      subject: `${cell(row, 'project')} ${cell(row, 'branch')}`,
      statement: `${cell(row, 'user') || 'Somebody unknown'} pushed ${cell(row, 'commits') || 'some'} commits to ${cell(row, 'branch')} of ${cell(row, 'project')} without a merge request (${cell(row, 'to').slice(0, 12)}).`,
      population: 'pushes',
      rows: [row],
    }));
}

/** Each is to be held against a request for change. */
export function settingChanges({ populations }: RuleInput): Exception[] {
  return populations.setting_changes.map((row) => {
    const [before, after] = [cell(row, 'before'), cell(row, 'after')];
    const values = before === '' && after === '' ? '' : ` from "${before}" to "${after}"`;
    return {
      control: 'change_settings',
      kind: `${cell(row, 'category')}_changed`,
      class: 'exception',
      at: cell(row, 'time'),
      subject: cell(row, 'entity'),
      statement: `${cell(row, 'author') || 'Somebody unknown'} changed ${cell(row, 'change') || cell(row, 'type') || cell(row, 'category')} of ${cell(row, 'entity') || 'an entity'}${values}${cell(row, 'change') === '' ? `: ${cell(row, 'summary')}` : '.'}`,
      population: 'setting_changes',
      rows: [row],
    };
  });
}

export function deployments({ populations, settings }: RuleInput): Exception[] {
  return populations.deployments.flatMap((row): Exception[] => {
    if (cell(row, 'looked_up') !== 'yes' || cell(row, 'status') !== 'success') return [];
    if (!settings.environments.includes(cell(row, 'environment'))) return [];
    const shared = {
      control: 'change_deployment',
      class: 'exception',
      at: cell(row, 'created_at'),
      subject: `${cell(row, 'project')} ${cell(row, 'environment')}`,
      population: 'deployments',
      rows: [row],
    } as const;
    const what = `Deployment ${cell(row, 'deployment_id')} of ${cell(row, 'project')} to ${cell(row, 'environment')} by ${cell(row, 'user') || 'somebody unknown'} (${cell(row, 'commit').slice(0, 12)})`;
    if (cell(row, 'merge_requests') === '') {
      return [
        {
          ...shared,
          kind: 'deployment_without_merge_request',
          statement: `${what} carries a commit that no merged merge request holds.`,
        },
      ];
    }
    const merged = cell(row, 'first_merged_at');
    if (merged === '' || merged <= cell(row, 'created_at')) return [];
    return [
      {
        ...shared,
        kind: 'deployment_before_merge',
        statement: `${what} went out at ${cell(row, 'created_at')}, before its merge request was merged at ${merged}.`,
      },
    ];
  });
}
