import { z } from 'zod';
import { OperationError } from '../errors';
import { urlSegment } from '../url-segment';
import { projectPath } from './address';
import { type Approvals, attempt } from './approvals';
import type { GitLab } from './client';
import { readSignature, type Signature } from './commit-signature';
import { mapConcurrently } from './concurrency';
import type { MergeRequestRef } from './merge-request-details';
import { mergerOf } from './merge-request-shape';
import {
  readWire,
  type WireCommit,
  type WireMergeRequest,
  wireField,
  wireMergeRequest,
  wirePipeline,
} from './wire-types';

/** Commits of one merge request whose signatures are read. */
const maxSignatures = 20;
const maxVersions = 100;

const { id, text, instant, flag, user, optional } = wireField;
const wireVersion = z.object({ id, head_commit_sha: text, created_at: instant, patch_id_sha: text });
export type WireVersion = z.output<typeof wireVersion>;
const wireStateEvent = z.object({
  state: text,
  created_at: instant,
  user,
  source_commit: text,
  source_merge_request: optional(z.object({ iid: id })),
});
const wirePushRule = z.object({ reject_unsigned_commits: flag });

/** What happened to a merge request beyond what it says itself. null in each: not read, so that nothing follows from it. */
export interface MergeRequestHistory {
  /** One for each push, newest first. */
  versions: WireVersion[] | null;
  /** It has pipelines on record; asked only where it has no head pipeline. */
  hasPipelines: boolean | null;
  /** How it came to be merged; asked only where nobody is recorded as its merger. */
  indirect: IndirectMerge | null;
  /** By commit; asked only where the project requires signatures, or the caller asked. */
  signatures: ReadonlyMap<string, Signature> | null;
  /** The project's push rule of today refuses unsigned commits. */
  requiresSignatures: boolean | null;
}

export interface IndirectMerge {
  /** User whose push or merge closed it. */
  by: string | null;
  /** Commit or merge request that brought its commits. */
  sourceCommit: string | null;
  sourceMergeRequest: number | null;
  /** Other merge requests that hold its head commit. */
  otherMergeRequests: number[];
}

/** Reads only what the merge request gives reason to. Whatever is refused stays null; throws only what ends the operation. */
export async function readHistory(
  gitlab: GitLab,
  ref: MergeRequestRef,
  facts: { wire: WireMergeRequest; approvals: Approvals; commits: readonly WireCommit[] },
  wantsSignatures: boolean,
): Promise<MergeRequestHistory> {
  const { wire, approvals, commits } = facts;
  const isMerged = wire.state === 'merged';
  const [versions, hasPipelines, indirect, requiresSignatures] = await Promise.all([
    approvals.approved_by.length > 0 ? readVersions(gitlab, ref) : null,
    isMerged && wire.head_pipeline === null ? readHasPipelines(gitlab, ref) : null,
    isMerged && mergerOf(wire) === null ? readIndirectMerge(gitlab, ref, wire) : null,
    commits.length > 0 ? readRequiresSignatures(gitlab, ref) : null,
  ]);
  const signatures = requiresSignatures || wantsSignatures ? await readSignatures(gitlab, ref, commits) : null;
  return { versions, hasPipelines, indirect, requiresSignatures, signatures };
}

/** One for each push, newest first; null when they cannot be read. */
export async function readVersions(gitlab: GitLab, ref: MergeRequestRef): Promise<WireVersion[] | null> {
  const read = (value: unknown) => readWire(wireVersion, value, 'a version of the list');
  const list = await attempt(() =>
    gitlab.list(`${ref.path}/versions`, {}, `the versions of ${ref.what}`, maxVersions, read),
  );
  return list instanceof OperationError ? null : list.items;
}

async function readHasPipelines(gitlab: GitLab, ref: MergeRequestRef): Promise<boolean | null> {
  const read = (value: unknown) => readWire(wirePipeline, value, 'a pipeline of the list');
  const page = await attempt(() =>
    gitlab.page(`${ref.path}/pipelines`, { per_page: 1 }, `the pipelines of ${ref.what}`, read),
  );
  return page instanceof OperationError ? null : page.items.length > 0;
}

async function readIndirectMerge(
  gitlab: GitLab,
  ref: MergeRequestRef,
  wire: WireMergeRequest,
): Promise<IndirectMerge | null> {
  const event = (value: unknown) => readWire(wireStateEvent, value, 'an event of the list');
  const carrier = (value: unknown) => readWire(wireMergeRequest, value, 'a merge request of the list');
  const [events, others] = await Promise.all([
    attempt(() => gitlab.list(`${ref.path}/resource_state_events`, {}, `the events of ${ref.what}`, 200, event)),
    attempt(async () => {
      if (wire.sha === null) return [];
      const path = `${projectPath(ref.project)}/repository/commits/${urlSegment(wire.sha)}/merge_requests`;
      return (await gitlab.page(path, {}, `the merge requests of commit ${wire.sha}`, carrier)).items;
    }),
  ]);
  if (events instanceof OperationError && others instanceof OperationError) return null;
  const merged =
    events instanceof OperationError ? undefined : events.items.findLast(({ state }) => state === 'merged');
  const holding = others instanceof OperationError ? [] : others;
  return {
    by: merged?.user?.username ?? null,
    sourceCommit: merged?.source_commit ?? null,
    sourceMergeRequest: merged?.source_merge_request?.iid ?? null,
    otherMergeRequests: holding
      .filter((other) => other.id !== wire.id)
      .map(({ iid }) => iid)
      .slice(0, 10),
  };
}

/** Editions without push rules, and tokens that may not see them, answer with an error: then nothing is known. */
async function readRequiresSignatures(gitlab: GitLab, ref: MergeRequestRef): Promise<boolean | null> {
  const what = `the push rules of ${ref.project}`;
  const rule = await attempt(async () => gitlab.get(`${projectPath(ref.project)}/push_rule`, {}, what));
  if (rule instanceof OperationError || rule === null) return null;
  const read = wirePushRule.safeParse(rule);
  return read.success ? read.data.reject_unsigned_commits : null;
}

async function readSignatures(
  gitlab: GitLab,
  ref: MergeRequestRef,
  commits: readonly WireCommit[],
): Promise<ReadonlyMap<string, Signature>> {
  const chosen = commits.slice(0, maxSignatures);
  const signatures = await mapConcurrently(chosen, (commit) =>
    readSignature(gitlab, projectPath(ref.project), commit.id),
  );
  return new Map(chosen.flatMap((commit, at) => (signatures[at] === undefined ? [] : [[commit.id, signatures[at]]])));
}
