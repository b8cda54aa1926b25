import type { OperationError } from '../errors';
import type { GitLab } from './client';
import { ecosystems } from './supply-chain/dependency';
import type { Finding } from './supply-chain/finding';
import type { Score } from './supply-chain/score';
import type { Placed } from './supply-chain-candidates';
import type { ChangeEntry } from './supply-chain-change';
import { identify, shapeChange } from './supply-chain-entry';
import { type Judging, type Look, lookAtMergeRequest, lookAtPush } from './supply-chain-look';
import { isAtLeast, recommend, techniquesOf } from './supply-chain-report';
import type { Ended } from './supply-chain-sweep';

type Level = Score['level'];

/** What is kept of one look. */
export interface Looked {
  item: Placed;
  /** Null for a change that touches nothing watched. */
  entry: ChangeEntry | null;
  findings: readonly Finding[];
  isReported: boolean;
  /** Files whose text GitLab withheld, of a change that touches nothing watched. */
  withheld: number;
  limit: OperationError | null;
}

/** Looks at one change, and says whether it belongs into the answer. What could not be read always does. */
export async function lookAt(
  gitlab: GitLab,
  item: Placed,
  judging: Judging,
  given: { max_details: number; minimum_level: Level },
): Promise<Looked> {
  const { candidate } = item;
  const { baseUrl } = gitlab.connection;
  const look: Look =
    candidate.kind === 'direct_push'
      ? await lookAtPush(gitlab, candidate.found, judging)
      : await lookAtMergeRequest(gitlab, candidate.wire, identify(baseUrl, candidate).project, judging);
  if (look.state === 'untouched')
    return { item, entry: null, findings: [], isReported: false, withheld: look.withheld, limit: null };
  const entry = shapeChange(baseUrl, candidate, look, judging.hours, given.max_details);
  const isReported = entry.status !== 'assessed' || entry.level === null || isAtLeast(entry.level, given.minimum_level);
  return {
    item,
    entry,
    findings: look.state === 'assessed' && isReported ? look.change.assessment.findings : [],
    isReported,
    withheld: 0,
    limit: look.state === 'failed' && look.error.code === 'rate_limited' ? look.error : null,
  };
}

/** Up to the change with which the answer is full; what was looked at behind it comes with the next one. */
export function upToLimit(results: readonly Looked[], limit: number): Looked[] {
  let reported = 0;
  for (const [index, { isReported }] of results.entries()) {
    if (isReported) reported += 1;
    if (reported === limit) return results.slice(0, index + 1);
  }
  return [...results];
}

/** What the answer says of all that was looked at. */
export function summarize(looked: readonly Looked[]) {
  const entries = looked.flatMap(({ entry }) => entry ?? []);
  const reported = looked.filter(({ isReported }) => isReported);
  const assessed = reported.flatMap(({ entry, findings }) =>
    entry === null ? [] : [{ id: entry.id, score: entry.score ?? 0, findings }],
  );
  const changes = reported
    .flatMap(({ entry }) => entry ?? [])
    .sort((a, b) => (b.score ?? -1) - (a.score ?? -1) || (a.id < b.id ? -1 : 1));
  const atLevel = (level: ChangeEntry['level']) => entries.filter((entry) => entry.level === level).length;
  return {
    changes,
    count: changes.length,
    untouched: looked.length - entries.length,
    levels: {
      none: atLevel('none'),
      low: atLevel('low'),
      medium: atLevel('medium'),
      high: atLevel('high'),
      critical: atLevel('critical'),
      failed: atLevel(null),
    },
    below_minimum: entries.length - changes.length,
    not_fully_read: entries.filter(({ status }) => status !== 'assessed').length,
    dependency_counts: ecosystems.flatMap((ecosystem) => {
      const own = entries.flatMap((entry) => entry.dependency_counts.filter((count) => count.ecosystem === ecosystem));
      const sum = (kind: 'added' | 'removed' | 'updated') => own.reduce((total, count) => total + count[kind], 0);
      return own.length === 0
        ? []
        : [{ ecosystem, added: sum('added'), removed: sum('removed'), updated: sum('updated') }];
    }),
    techniques: techniquesOf(assessed),
    recommendations: recommend(assessed),
  };
}

const endings: Record<Ended, string> = {
  enough: 'The answer is full',
  requests: 'max_requests is used up',
  time: 'The time of one call is used up',
  rate_limited: 'GitLab takes no more requests for now',
};

/** What is left and how to go on, and what was not searched. */
export function notesOn(
  looked: readonly Looked[],
  rest: number,
  ended: Ended | null,
  error: OperationError | null,
): string[] {
  const notes: string[] = [];
  if (rest > 0) {
    const said = ended === 'rate_limited' && error !== null ? `: ${error.message}` : '.';
    notes.push(`${endings[ended ?? 'enough']}${said} At least ${rest} older changes are left; go on with next.`);
  }
  const withheld = looked.reduce((sum, entry) => sum + entry.withheld, 0);
  if (withheld > 0) {
    notes.push(
      `Files that are not watched and too large for GitLab to show, in changes that touch nothing watched: ${withheld}. They were not searched for hidden characters.`,
    );
  }
  return notes;
}
