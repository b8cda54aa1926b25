import { cleanLine } from '../text';
import type { DirectPush } from './direct-pushes';
import { lineOrNull, shapeMergeRequest } from './merge-request-shape';
import { signalKinds } from './supply-chain/finding';
import { isOutside, type WorkingHours } from './supply-chain/signals-of-people';
import type { ChangeEntry } from './supply-chain-change';
import type { AssessedChange, Look } from './supply-chain-look';
import { byWeight, countByEcosystem, dependencyChanges, shapeFinding } from './supply-chain-report';
import type { WireMergeRequest } from './wire-types';

const maxUnread = 10;
const maxFiles = 10;
const maxAdvice = 5;
export type Candidate = { kind: 'merge_request'; wire: WireMergeRequest } | { kind: 'direct_push'; found: DirectPush };

/** Which change it is, before anything of it was read. */
export function identify(
  baseUrl: string,
  candidate: Candidate,
): Pick<
  ChangeEntry,
  | 'id'
  | 'kind'
  | 'project'
  | 'iid'
  | 'title'
  | 'author'
  | 'merged_by'
  | 'merged_at'
  | 'state'
  | 'target_branch'
  | 'head_sha'
  | 'web_url'
> {
  if (candidate.kind === 'merge_request') {
    const shaped = shapeMergeRequest(baseUrl, candidate.wire);
    return {
      id: `${shaped.project}!${shaped.iid}`,
      kind: 'merge_request',
      project: shaped.project,
      iid: shaped.iid,
      title: cleanLine(shaped.title, 200),
      author: shaped.author,
      merged_by: shaped.merged_by,
      merged_at: shaped.merged_at,
      state: shaped.state,
      target_branch: shaped.target_branch,
      head_sha: shaped.sha,
      web_url: shaped.web_url,
    };
  }
  const { project, push } = candidate.found;
  const by = lineOrNull(push.by);
  const sha = cleanLine(push.to, 64);
  return {
    id: `${project.name}@${sha.slice(0, 12)}`,
    kind: 'direct_push',
    project: project.name,
    iid: null,
    title: cleanLine(push.title ?? '', 200),
    author: by,
    merged_by: by,
    merged_at: push.at,
    state: null,
    target_branch: lineOrNull(push.branch),
    head_sha: sha,
    web_url:
      /^[\w./-]+$/.test(project.name) && /^[0-9a-f]+$/.test(sha) ? `${baseUrl}/${project.name}/-/commit/${sha}` : null,
  };
}

/** A change as it is answered: bounded, cleaned, with the number of what is left out. */
export function shapeChange(
  baseUrl: string,
  candidate: Candidate,
  look: Exclude<Look, { state: 'untouched' }>,
  hours: WorkingHours,
  maxDetails: number,
): ChangeEntry {
  const known = identify(baseUrl, candidate);
  if (look.state === 'failed') {
    const { code, message } = look.error.toShape();
    return { ...known, ...nothing, status: 'failed', error: { code, message: cleanLine(message, 500) } };
  }
  const { change } = look;
  const { assessment, read, touched } = change;
  const findings = [...assessment.findings].sort(byWeight);
  const dependencies = [...dependencyChanges(assessment), ...submodules(change)];
  const files = touched.filter(({ isWatched, submodule }) => isWatched || submodule !== null);
  const unread = assessment.unread;
  const isPart = unread.length > 0 || read.unsearched.length > 0 || change.isCut;
  const worth = findings.filter(({ severity }) => severity !== 'info');
  return {
    ...known,
    status: isPart ? 'partly_read' : 'assessed',
    level: assessment.level,
    score: assessment.score,
    because: assessment.because.slice(0, 12),
    base_sha: lineOrNull(change.baseSha, 64),
    head_sha: lineOrNull(change.headSha, 64) ?? known.head_sha,
    findings: findings.slice(0, maxDetails).map((found) => {
      const { advice: _, ...shown } = shapeFinding(found);
      return shown;
    }),
    findings_left_out: Math.max(0, findings.length - maxDetails),
    signals: countSignals(findings),
    techniques: [...new Set(worth.flatMap(({ signal }) => signalKinds[signal].techniques))].sort(),
    recommendations: [...new Set(worth.map(({ signal }) => signalKinds[signal].advice))].slice(0, maxAdvice),
    people: peopleOf(change, hours),
    review: change.review.map(({ code, severity, statement }) => ({
      code,
      severity,
      statement: cleanLine(statement, 300),
    })),
    related_merge_requests: candidate.kind === 'direct_push' ? change.related : null,
    dependency_changes: dependencies.slice(0, maxDetails),
    dependency_changes_left_out: Math.max(0, dependencies.length - maxDetails),
    dependency_counts: countByEcosystem(dependencies),
    files: files.slice(0, maxFiles).map(({ path }) => cleanLine(path, 300)),
    files_left_out: Math.max(0, files.length - maxFiles),
    unread: unread
      .slice(0, maxUnread)
      .map(({ path, reason, extent }) => ({ path: cleanLine(path, 300), reason: cleanLine(reason, 300), extent })),
    unread_left_out: Math.max(0, unread.length - maxUnread),
    unsearched: read.unsearched.length,
    error: null,
    notes: change.notes.map((note) => cleanLine(note, 500)),
  };
}

const nothing = {
  level: null,
  score: null,
  because: [],
  base_sha: null,
  findings: [],
  findings_left_out: 0,
  signals: [],
  techniques: [],
  recommendations: [],
  people: null,
  review: [],
  related_merge_requests: null,
  dependency_changes: [],
  dependency_changes_left_out: 0,
  dependency_counts: [],
  files: [],
  files_left_out: 0,
  unread: [],
  unread_left_out: 0,
  unsearched: 0,
  notes: [],
};

function countSignals(findings: AssessedChange['assessment']['findings']): ChangeEntry['signals'] {
  const counts = new Map<string, ChangeEntry['signals'][number]>();
  for (const { signal, severity } of findings) {
    const known = counts.get(signal);
    // Worst first, so the first one has the worst severity.
    if (known === undefined) counts.set(signal, { signal, severity, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
}

function peopleOf({ facts }: AssessedChange, hours: WorkingHours): ChangeEntry['people'] {
  const { author, mergedBy, mergedAt } = facts;
  return {
    first_contribution: facts.isFirstContribution,
    from_fork: facts.isFromFork,
    approvals_by_others: facts.approvalsByOthers,
    self_merged: author === null || mergedBy === null || mergedAt === null ? null : author === mergedBy,
    outside_hours: mergedAt === null ? null : isOutside(mergedAt, hours),
    bot: facts.isBot,
  };
}

/** The commit that a submodule is pinned to stands in no file. */
function submodules({ touched }: AssessedChange): ChangeEntry['dependency_changes'] {
  return touched.flatMap(({ path, submodule }) => {
    if (submodule === null) return [];
    const { before, after } = submodule;
    const name = cleanLine(path, 300);
    return [
      {
        change: before === null && after !== null ? 'added' : after === null && before !== null ? 'removed' : 'updated',
        ecosystem: 'git_submodule',
        name,
        from_version: before,
        to_version: after,
        direct: true,
        file: name,
        package_url: null,
      } as const,
    ];
  });
}
