import { cleanLine } from '../text';
import type { Approvals } from './approvals';
import type { Finding, FindingFacts } from './merge-request-findings';
import type { WireVersion } from './merge-request-history';
import { mergerOf } from './merge-request-shape';
import type { WireCommit } from './wire-types';

type Approver = Approvals['approved_by'][number];

/** Who approved, when, and whether that was enough. Nothing when the approvals could not be read. */
export function approvalFindings(facts: FindingFacts): Finding[] {
  const { wire, approvals } = facts;
  if (approvals.approval_data === 'unavailable') return [];
  const wasMergedByPerson = wire.state === 'merged' && mergerOf(wire) !== null;
  return [
    ...selfApproval(facts),
    ...approversThatCommitted(facts),
    ...(wasMergedByPerson ? tooFew(facts) : []),
    ...overwrittenRules(approvals),
    ...staleApprovals(facts),
  ];
}

function selfApproval({ wire, approvals }: FindingFacts): Finding[] {
  const author = wire.author?.username;
  const own = approvals.approved_by.find(({ username }) => username !== null && username === author);
  if (own === undefined) return [];
  return [
    {
      code: 'self_approved',
      severity: 'high',
      statement: `${own.username} approved their own merge request.`,
      evidence: {
        author: own.username,
        approved_by: own.username,
        approved_at: own.approved_at,
        approvals: approvals.approved_by.length,
      },
      certainty: 'certain',
    },
  ];
}

/** Commits name people by texts that their writer chose, so this is never more than likely. */
function approversThatCommitted({ wire, approvals, commits }: FindingFacts): Finding[] {
  return approvals.approved_by.flatMap((approver): Finding[] => {
    if (approver.username === null || approver.username === wire.author?.username) return [];
    const theirs = commits.flatMap((commit) => {
      const matched = howCommitted(approver, commit);
      return matched === null ? [] : [{ commit, matched }];
    });
    if (theirs.length === 0) return [];
    const isStrong = theirs.some(({ matched }) => matched !== 'name' && matched !== 'email');
    return [
      {
        code: 'approver_is_committer',
        severity: 'medium',
        statement: `${approver.username} approved it, and ${theirs.length} of its commits ${theirs.length === 1 ? 'names' : 'name'} them as author or committer.`,
        evidence: {
          approved_by: approver.username,
          approved_at: approver.approved_at,
          commits: theirs.slice(0, 10).map(({ commit }) => cleanLine(commit.id, 64)),
          matched_by: [...new Set(theirs.map(({ matched }) => matched))],
        },
        certainty: isStrong ? 'likely' : 'possible',
      },
    ];
  });
}

/** What a commit and an account have in common: GitLab's no-reply address, or the name, the e-mail, or both. */
export function howCommitted(
  approver: Approver,
  commit: WireCommit,
): 'noreply_address' | 'name_and_email' | 'name' | 'email' | null {
  const names = [approver.name, approver.username].flatMap((name) => (name === null ? [] : [name.toLowerCase()]));
  let found: 'name_and_email' | 'name' | 'email' | null = null;
  for (const [name, email] of [
    [commit.author_name, commit.author_email],
    [commit.committer_name, commit.committer_email],
  ]) {
    const address = email?.trim().toLowerCase() ?? '';
    const noreply = /^(\d+)-[^@]{0,255}@users\.noreply\./.exec(address);
    if (noreply !== null && Number(noreply[1]) === approver.user_id) return 'noreply_address';
    const hasName = names.includes(cleanLine(name ?? '', 255).toLowerCase());
    const hasEmail = address.includes('@') && address.split('@')[0] === approver.username?.toLowerCase();
    if (hasName && hasEmail) found = 'name_and_email';
    else if (hasName || hasEmail) found ??= hasName ? 'name' : 'email';
  }
  return found;
}

function tooFew({ wire, approvals }: FindingFacts): Finding[] {
  const count = approvals.approved_by.length;
  const evidence = {
    approvals: count,
    required: approvals.required,
    approval_data: approvals.approval_data,
    merged_at: wire.merged_at,
  };
  if (count === 0) {
    return [
      {
        code: 'merged_without_approval',
        severity: (approvals.required ?? 0) > 0 ? 'high' : 'medium',
        statement: 'It was merged and has no approval.',
        evidence,
        certainty: 'certain',
      },
    ];
  }
  if (approvals.required === null || count >= approvals.required) return [];
  return [
    {
      code: 'merged_below_required_approvals',
      severity: 'high',
      statement: `It was merged with ${count} of the ${approvals.required} approvals that the rules of today require.`,
      evidence,
      certainty: 'likely',
    },
  ];
}

function overwrittenRules({ rules, rules_overwritten }: Approvals): Finding[] {
  const lowered = rules.filter(
    ({ required, required_by_project: before }) => required !== null && before !== null && required < before,
  );
  if (!rules_overwritten && lowered.length === 0) return [];
  return [
    {
      code: 'approval_rules_overwritten',
      severity: lowered.length > 0 ? 'high' : 'medium',
      statement: `The approval rules of the project were changed for this merge request${lowered.length > 0 ? ', to fewer approvals' : ''}.`,
      evidence: {
        approval_rules_overwritten: rules_overwritten,
        lowered: lowered.map((rule) => `${rule.name}: ${rule.required_by_project} -> ${rule.required}`),
      },
      certainty: 'certain',
    },
  ];
}

/**
 * Approvals are removed a few seconds after a push, so that a merge in between carries those for the code before. GitLab's
 * own times of pushes tell; where they cannot be read, the dates of commits, which their writer sets.
 */
function staleApprovals({ wire, approvals, commits, history }: FindingFacts): Finding[] {
  const lastApproval = latest(approvals.approved_by.map(({ approved_at }) => approved_at));
  if (lastApproval === null) return [];
  if (history.versions !== null) return pushAfter(history.versions, lastApproval, wire.merged_at);
  const late = commits.filter(({ committed_date: at }) => at !== null && at > lastApproval);
  if (late.length === 0) return [];
  return [
    {
      code: 'commit_after_last_approval',
      severity: 'medium',
      statement: `${late.length} of the commits ${late.length === 1 ? 'is' : 'are'} dated after the last approval at ${lastApproval} (commit dates are set by the committer).`,
      evidence: { last_approved_at: lastApproval, commits: late.slice(0, 10).map(({ id }) => cleanLine(id, 64)) },
      certainty: 'possible',
    },
  ];
}

function pushAfter(versions: readonly WireVersion[], lastApproval: string, mergedAt: string | null): Finding[] {
  const inOrder = versions
    .flatMap((version) => (version.created_at === null ? [] : [{ ...version, at: version.created_at }]))
    .filter(({ at }) => mergedAt === null || at <= mergedAt)
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const last = inOrder.at(-1);
  const approved = inOrder.findLast(({ at }) => at <= lastApproval);
  if (last === undefined || approved === undefined || last === approved) return [];
  // A rebase makes a version with the same changes.
  if (last.patch_id_sha !== null && last.patch_id_sha === approved.patch_id_sha) return [];
  if (last.head_commit_sha !== null && last.head_commit_sha === approved.head_commit_sha) return [];
  return [
    {
      code: 'approved_before_last_push',
      severity: 'high',
      statement: `The last approval was at ${lastApproval}, and something else was pushed after it, at ${last.at}${mergedAt === null ? '' : `, before the merge at ${mergedAt}`}.`,
      evidence: {
        last_approved_at: lastApproval,
        last_pushed_at: last.at,
        merged_at: mergedAt,
        approved_head: approved.head_commit_sha && cleanLine(approved.head_commit_sha, 64),
        last_head: last.head_commit_sha && cleanLine(last.head_commit_sha, 64),
      },
      certainty: 'certain',
    },
  ];
}

/** All instants are ISO 8601 in UTC with milliseconds, so text order is time order. */
function latest(instants: readonly (string | null)[]): string | null {
  return instants.reduce((last, at) => (at !== null && (last === null || at > last) ? at : last), null);
}
