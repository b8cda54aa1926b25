import { OperationError } from '../errors';
import { projectPath } from './address';
import { type Approvals, attempt, readApprovals } from './approvals';
import type { GitLab } from './client';
import { type DirectPush, readComparison, readRelated } from './direct-pushes';
import { type Sides, sidesOf } from './file-diff';
import type { MergeRequestRef } from './merge-request-details';
import { findInMergeRequest, type Finding as ReviewFinding } from './merge-request-findings';
import { type MergeRequestHistory, readHistory } from './merge-request-history';
import { mergerOf } from './merge-request-shape';
import { type Assessment, assessChange } from './supply-chain/assess-change';
import { type TouchedFile, touchedFiles } from './supply-chain/changed-paths';
import { type ChangeFacts, isBotName, type WorkingHours } from './supply-chain/signals-of-people';
import { textSignals } from './supply-chain/signals-of-text';
import { type ReadFiles, readTouchedFiles } from './supply-chain-files';
import { readWire, type WireDiff, type WireMergeRequest, wireCommit, wireDiff, wireMergeRequest } from './wire-types';

/** Most changed files of one change; GitLab keeps no more of a merge request. */
const maxFiles = 1_000;
const maxCommits = 100;

export interface Judging {
  hours: WorkingHours;
  trustedHosts: readonly string[];
}

/** What looking at one change came to. */
export type Look =
  /** It touches nothing that says what is built, from what, and hides no text. */
  | { state: 'untouched'; withheld: number }
  | { state: 'assessed'; change: AssessedChange }
  | { state: 'failed'; error: OperationError };

export interface AssessedChange {
  assessment: Assessment;
  facts: ChangeFacts;
  touched: TouchedFile[];
  read: ReadFiles;
  /** The commits that were compared; null while GitLab prepares them, or where there is none before. */
  baseSha: string | null;
  headSha: string | null;
  approvals: Approvals | null;
  /** How it was reviewed and merged; nothing for a push. */
  review: ReviewFinding[];
  /** Of a push: merge requests that some of its commits are in; null where not known. */
  related: number[] | null;
  /** Not all of what changed could be listed, so that more may have changed than was looked at. */
  isCut: boolean;
  notes: string[];
}

const nothingRead: MergeRequestHistory = {
  versions: null,
  hasPipelines: null,
  indirect: null,
  signatures: null,
  requiresSignatures: null,
};

/** One merge request. Its list of changed files decides whether any more is read. Throws only what ends the operation. */
export async function lookAtMergeRequest(
  gitlab: GitLab,
  wire: WireMergeRequest,
  name: string,
  judging: Judging,
): Promise<Look> {
  const ref = refOf(wire, name);
  return orFailed(async () => {
    const { items, complete } = await gitlab.list(
      `${ref.path}/diffs`,
      {},
      `the changed files of ${ref.what}`,
      maxFiles,
      (value) => readWire(wireDiff, value, 'a changed file of the list'),
    );
    const touched = touchedFiles(items);
    if (!isWorthReading(touched)) return { state: 'untouched', withheld: withheldIn(touched) };
    const [detail, approvals] = await Promise.all([
      gitlab.get(ref.path, {}, ref.what).then((value) => readWire(wireMergeRequest, value, ref.what)),
      readApprovals(gitlab, ref.path, ref.what),
    ]);
    const sides = sidesOf(ref.project, detail);
    const facts = factsOf(detail, approvals);
    const read = await readFiles(gitlab, touched, sides);
    const assessment = assessChange(read.files, facts, judging.hours, judging.trustedHosts);
    const notes: string[] = [];
    const isCut = !complete || (detail.changes_count ?? '').endsWith('+');
    if (isCut)
      notes.push(`It changes more files than the ${items.length} that GitLab lists; the others were not looked at.`);
    if (sides === null) notes.push('GitLab is still preparing its changes; look again in a moment.');
    if (approvals.approval_data === 'unavailable')
      notes.push(`Approvals could not be read, so nothing is said about them: ${approvals.problem}`);
    return {
      state: 'assessed',
      change: {
        assessment,
        facts,
        touched,
        read,
        baseSha: sides?.baseSha ?? null,
        headSha: sides?.headSha ?? detail.sha,
        approvals,
        review: await readReview(gitlab, ref, detail, approvals, assessment),
        related: null,
        isCut: isCut || sides === null,
        notes,
      },
    };
  });
}

/** One push to a default branch that no merge request accounts for. */
export async function lookAtPush(gitlab: GitLab, found: DirectPush, judging: Judging): Promise<Look> {
  const { project, push, isProven } = found;
  return orFailed(async () => {
    const from = push.from === null || /^0*$/.test(push.from) ? null : push.from;
    if (from === null) {
      throw new OperationError(
        'not_found_or_no_access',
        `Push ${push.to.slice(0, 12)} of ${project.name} made the default branch, so there is nothing before it to compare with.`,
      );
    }
    const comparison = await readComparison(gitlab, found, from);
    const diffs: WireDiff[] = comparison.diffs.slice(0, maxFiles);
    const touched = touchedFiles(diffs);
    if (!isWorthReading(touched)) return { state: 'untouched', withheld: withheldIn(touched) };
    const sides: Sides = { baseSha: from, headSha: push.to, baseProjects: [project.id], headProjects: [project.id] };
    const facts: ChangeFacts = {
      author: push.by,
      mergedBy: push.by,
      mergedAt: push.at,
      isFirstContribution: null,
      isFromFork: false,
      // There was nothing to approve, so nobody did.
      approvalsByOthers: isProven ? 0 : null,
      isBot: isBotName(push.by),
    };
    const [read, related] = await Promise.all([
      readFiles(gitlab, touched, sides),
      readRelated(gitlab, found, comparison.commits),
    ]);
    const notes: string[] = [];
    if (!isProven) notes.push('GitLab could not say whether a merge request brought it.');
    const isCut = comparison.compare_timeout === true || comparison.diffs.length > diffs.length;
    if (isCut) notes.push('GitLab did not compare all of it; other files may have changed too.');
    return {
      state: 'assessed',
      change: {
        assessment: assessChange(read.files, facts, judging.hours, judging.trustedHosts),
        facts,
        touched,
        read,
        baseSha: from,
        headSha: push.to,
        approvals: null,
        review: [],
        related,
        isCut,
        notes,
      },
    };
  });
}

/** What only this change suffers from is its state; what ends the operation is thrown. */
async function orFailed(look: () => Promise<Look>): Promise<Look> {
  const result = await attempt(look);
  return result instanceof OperationError ? { state: 'failed', error: result } : result;
}

function refOf(wire: WireMergeRequest, name: string): MergeRequestRef {
  const project = String(wire.target_project_id ?? wire.project_id ?? name);
  return {
    project,
    iid: wire.iid,
    path: `${projectPath(project)}/merge_requests/${wire.iid}`,
    what: `merge request !${wire.iid} of ${name}`,
  };
}

/** Whether it touches a watched file or a submodule, or adds text that nobody sees. */
function isWorthReading(touched: readonly TouchedFile[]): boolean {
  return touched.some(
    ({ path, isWatched, submodule, added }) =>
      isWatched || submodule !== null || textSignals(path, added ?? []).length > 0,
  );
}

function withheldIn(touched: readonly TouchedFile[]): number {
  return touched.filter(({ added, submodule }) => added === null && submodule === null).length;
}

async function readFiles(gitlab: GitLab, touched: readonly TouchedFile[], sides: Sides | null): Promise<ReadFiles> {
  if (sides !== null) return readTouchedFiles(gitlab, touched, sides);
  const reason = 'GitLab has not told which commits to compare';
  return {
    files: touched.map(({ path, isWatched, added }) => {
      const text = isWatched ? null : undefined;
      return { path, before: text, after: text, added: added ?? [], ...(isWatched ? { reason } : {}) };
    }),
    unsearched: touched.filter(({ isWatched, added }) => !isWatched && added === null).map(({ path }) => path),
    leftOut: 0,
  };
}

/** Nothing is concluded from what could not be read, nor from a merge that nobody is recorded for. */
function factsOf(wire: WireMergeRequest, approvals: Approvals): ChangeFacts {
  const author = wire.author?.username ?? null;
  const merger = mergerOf(wire);
  const isMerged = wire.state === 'merged';
  const { source_project_id: source, target_project_id: target } = wire;
  const isKnown = approvals.approval_data !== 'unavailable' && (!isMerged || merger !== null);
  return {
    author,
    mergedBy: merger?.username ?? null,
    mergedAt: isMerged ? wire.merged_at : null,
    isFirstContribution: wire.first_contribution,
    isFromFork: source === null || target === null ? null : source !== target,
    approvalsByOthers: isKnown ? approvals.approved_by.filter(({ username }) => username !== author).length : null,
    isBot: isBotName(author),
  };
}

/** For a change that is worth a look, also what only its pushes and commits tell, such as an approval before the last push. */
async function readReview(
  gitlab: GitLab,
  ref: MergeRequestRef,
  wire: WireMergeRequest,
  approvals: Approvals,
  { level }: Assessment,
): Promise<ReviewFinding[]> {
  const few = { wire, approvals, commits: [], history: nothingRead };
  if (level === 'none' || level === 'low') return findInMergeRequest(few);
  const read = await attempt(async () => {
    const { items: commits } = await gitlab.list(
      `${ref.path}/commits`,
      {},
      `the commits of ${ref.what}`,
      maxCommits,
      (value) => readWire(wireCommit, value, 'a commit of the list'),
    );
    return { ...few, commits, history: await readHistory(gitlab, ref, { wire, approvals, commits }, false) };
  });
  return findInMergeRequest(read instanceof OperationError ? few : read);
}
