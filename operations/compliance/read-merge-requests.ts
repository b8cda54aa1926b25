import { CancelledError, OperationError } from '../errors';
import { projectPath } from '../gitlab/address';
import { howCommitted } from '../gitlab/approval-findings';
import { type Approvals, attempt, readApprovals, unknownApprovals } from '../gitlab/approvals';
import { mapConcurrently } from '../gitlab/concurrency';
import { readVersions, type WireVersion } from '../gitlab/merge-request-history';
import { mergerOf, userName, webUrl } from '../gitlab/merge-request-shape';
import { readMergeRequestWindow } from '../gitlab/merge-request-window';
import { readWire, type WireCommit, type WireMergeRequest, wireCommit } from '../gitlab/wire-types';
import type { PopulationRow } from './csv-table';
import { type ChangeScope, type Found, inOrder } from './read-changes';

const mostCommits = 500;

/** Every merge request that was merged in the period, with who wrote, changed, approved and merged it, and when. */
export async function readMergeRequests(scope: ChangeScope): Promise<Found> {
  const { gitlab, window, most } = scope;
  const problems: string[] = [];
  const listed = await readMergeRequestWindow(gitlab, {
    scope: scope.scope,
    filters: { time_field: 'merged', state: 'all' },
    window,
    after: undefined,
    enough: most,
    includeArchived: true,
  });
  const wires = listed.items.filter(({ state }) => state === 'merged').slice(0, most);
  if (!listed.complete || wires.length < listed.items.length)
    problems.push(`more merge requests were merged than the ${wires.length} that were read.`);
  let done = 0;
  const rows = await mapConcurrently(wires, async (wire) => {
    const row = await readRow(scope, wire, problems);
    done += 1;
    gitlab.ports.progress('Reading merge requests', done, wires.length);
    return row;
  });
  return { rows: inOrder(rows, 'merged_at', 'project', 'iid'), problems };
}

async function readRow(scope: ChangeScope, wire: WireMergeRequest, problems: string[]): Promise<PopulationRow> {
  const { projects } = scope;
  const projectId = wire.target_project_id ?? wire.project_id;
  const project = projects.find(({ id }) => id === projectId);
  const name = project?.name ?? fullName(wire) ?? String(projectId ?? 'unknown');
  const ref = {
    project: String(projectId),
    iid: wire.iid,
    path: `${projectPath(String(projectId))}/merge_requests/${wire.iid}`,
    what: `merge request !${wire.iid} of ${name}`,
  };
  const facts = await factsOf(scope, ref, problems);
  const { approvals, commits, versions } = facts;
  const approvers = approvals.approved_by;
  const times = approvers.flatMap(({ approved_at: at }) => (at === null ? [] : [at])).sort();
  const branch = wire.target_branch ?? '';
  const committing = approvers.flatMap((approver) => {
    const matches = commits.items.flatMap((commit) => howCommitted(approver, commit) ?? []);
    return matches.length === 0 ? [] : [{ approver, strong: matches.some(isStrong) }];
  });
  return {
    project: name,
    iid: String(wire.iid),
    title: wire.title ?? '',
    author: userName(wire.author) ?? '',
    merged_by: userName(mergerOf(wire)) ?? '',
    merged_at: wire.merged_at ?? '',
    target_branch: branch,
    into_default: project?.defaultBranch == null ? 'unknown' : project.defaultBranch === branch ? 'yes' : 'no',
    merge_commit: wire.merge_commit_sha ?? wire.squash_commit_sha ?? '',
    head_commit: wire.sha ?? '',
    approval_data: approvals.approval_data,
    approvals_required: approvals.required === null ? '' : String(approvals.required),
    approved_by: namesOf(approvers),
    first_approved_at: times[0] ?? '',
    last_approved_at: times.at(-1) ?? '',
    approval_times: approvers.length === 0 ? 'none' : times.length === approvers.length ? 'known' : 'unknown',
    last_changed_at: lastChange(versions, wire.merged_at),
    committing_approvers: namesOf(committing.filter(({ strong }) => strong).map(({ approver }) => approver)),
    possible_committers: namesOf(committing.filter(({ strong }) => !strong).map(({ approver }) => approver)),
    commits_read: commits.complete ? 'yes' : 'no',
    merged_indirectly:
      mergerOf(wire) === null && wire.merge_commit_sha === null && wire.squash_commit_sha === null ? 'yes' : 'no',
    url: webUrl(wire.web_url) ?? '',
  };
}

/** A name alone proves little: namesakes exist, and whoever commits chooses it. */
function isStrong(matched: ReturnType<typeof howCommitted>): boolean {
  return matched === 'noreply_address' || matched === 'name_and_email';
}

function namesOf(approvers: Approvals['approved_by']): string {
  return approvers.map(({ username, user_id: id }) => username ?? `deleted account ${id ?? ''}`.trim()).join('; ');
}

interface Facts {
  approvals: Approvals;
  commits: { items: WireCommit[]; complete: boolean };
  versions: WireVersion[] | null;
}

async function factsOf(
  { gitlab }: ChangeScope,
  ref: Parameters<typeof readVersions>[1],
  problems: string[],
): Promise<Facts> {
  const none: Facts = { approvals: unknownApprovals(null), commits: { items: [], complete: false }, versions: null };
  try {
    const approvals = await readApprovals(gitlab, ref.path, ref.what);
    if (approvals.approval_data === 'unavailable') {
      problems.push(`The approvals of ${ref.what} could not be read: ${approvals.problem ?? 'no reason given'}`);
      return none;
    }
    // Without an approval there is nothing that commits and pushes could be held against.
    if (approvals.approved_by.length === 0)
      return { approvals, commits: { items: [], complete: true }, versions: null };
    const [commits, versions] = await Promise.all([
      attempt(() =>
        gitlab.list(`${ref.path}/commits`, {}, `the commits of ${ref.what}`, mostCommits, (value) =>
          readWire(wireCommit, value, 'a commit of the list'),
        ),
      ),
      readVersions(gitlab, ref),
    ]);
    if (commits instanceof OperationError)
      problems.push(`The commits of ${ref.what} could not be read: ${commits.message}`);
    else if (!commits.complete) problems.push(`${ref.what} has more than ${mostCommits} commits.`);
    if (versions === null) problems.push(`The pushes to ${ref.what} could not be read.`);
    return {
      approvals,
      commits: commits instanceof OperationError ? none.commits : commits,
      versions,
    };
  } catch (error) {
    if (!(error instanceof OperationError) || error instanceof CancelledError) throw error;
    problems.push(`${ref.what} could not be read: ${error.message}`);
    return none;
  }
}

/**
 * When the code that was merged was first there: the earliest push with the changes of the last one before the merge, so that
 * a rebase, or going back to what was approved, is no change. Empty when it is not known.
 */
export function lastChange(versions: readonly WireVersion[] | null, mergedAt: string | null): string {
  const pushed = (versions ?? [])
    .flatMap((version) => (version.created_at === null ? [] : [{ ...version, at: version.created_at }]))
    .filter(({ at }) => mergedAt === null || at <= mergedAt)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const last = pushed.at(-1);
  if (last === undefined) return '';
  const same = pushed.find(
    (version) =>
      version === last ||
      (last.patch_id_sha !== null && version.patch_id_sha === last.patch_id_sha) ||
      (last.head_commit_sha !== null && version.head_commit_sha === last.head_commit_sha),
  );
  return (same ?? last).at;
}

function fullName(wire: WireMergeRequest): string | undefined {
  return /^(.+)!\d+$/.exec(wire.references?.full ?? '')?.[1];
}
