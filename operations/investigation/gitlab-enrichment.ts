import { mapConcurrently } from '../gitlab/concurrency';
import { listAuditEvents } from '../gitlab/list-audit-events';
import { monitorSupplyChainChanges } from '../gitlab/monitor-supply-chain-changes';
import { reviewMergeRequestAndPipeline } from '../gitlab/review-merge-request-and-pipeline';
import { runOperation } from '../operation';
import type { Ports } from '../ports';
import type { Alert } from './alert';
import { type GitLabScope, orFailure } from './investigation-steps';
import { type ChangeRecord, readChanges } from './merged-changes';
import type { Plan } from './plan';
import { plainName } from './principal';

/** A review reads a dozen things of a merge request; the most telling ones of a window are enough. */
const mostReviews = 8;
const reviewsAtOnce = 2;
const mostRepositories = 3;
const projectPath = /^[\w][\w.-]*(?:\/[\w][\w.-]*)+$/;

/** Projects that the alert names. A name is all that is taken from it; whether there is such a project, GitLab says. */
function repositoriesOf(alert: Alert): string[] {
  const named = alert.entities.filter(({ type, value }) => type === 'repository' && projectPath.test(value));
  return [...new Set(named.map(({ value }) => value))].sort().slice(0, mostRepositories);
}

/**
 * The merge requests to review: first those of people and projects of the alert, then those merged last before it was raised. The
 * order is total, so that equal answers of GitLab give equal reviews.
 */
export function chooseForReview(alert: Alert, changes: readonly ChangeRecord[]): ChangeRecord[] {
  const repositories = repositoriesOf(alert).map((path) => path.toLowerCase());
  const people = new Set(
    alert.entities
      .filter(({ type }) => type === 'user' || type === 'email' || type === 'aws_arn')
      .map(({ value }) => plainName(value.split('/').at(-1) ?? value))
      .filter((name) => name.length >= 3),
  );
  const isRelated = ({ author, mergedBy, project }: ChangeRecord) =>
    people.has(plainName(author)) || people.has(plainName(mergedBy)) || repositories.includes(project.toLowerCase());
  const raised = Date.parse(alert.created_at);
  // After the alert counts as farther away than any time before it.
  const distance = ({ mergedAt }: ChangeRecord) => {
    const ms = raised - Date.parse(mergedAt);
    return ms >= 0 ? ms : 1e12 - ms;
  };
  return [...changes]
    .sort(
      (a, b) =>
        Number(isRelated(b)) - Number(isRelated(a)) ||
        distance(a) - distance(b) ||
        (`${a.project}!${a.iid}` < `${b.project}!${b.iid}` ? -1 : 1),
    )
    .slice(0, mostReviews);
}

export interface Reviews {
  merge_request_reviews: unknown[];
  not_reviewed: number;
}

/** Who wrote, approved and merged, and whether the pipeline let it through: for the merge requests that tell most. */
export async function reviewChanges(ports: Ports, alert: Alert, mergeRequests: unknown): Promise<Reviews> {
  const { changes } = readChanges(mergeRequests);
  const chosen = chooseForReview(alert, changes);
  const merge_request_reviews = await mapConcurrently(
    chosen,
    ({ project, iid }) =>
      orFailure(ports, () =>
        runOperation(reviewMergeRequestAndPipeline, ports, { project, iid: Number(iid), max_logs: 0 }),
      ),
    reviewsAtOnce,
  );
  return { merge_request_reviews, not_reviewed: changes.length - chosen.length };
}

/** Changes to who can bring code in: of the group or project that is asked, and of each project that the alert names. */
export async function readAuditTrail(ports: Ports, alert: Alert, plan: Plan, scope: GitLabScope): Promise<unknown[]> {
  const repositories = repositoriesOf(alert).filter((path) => path !== scope.project);
  const places = [
    { group: scope.group ?? undefined, project: scope.project ?? undefined },
    ...repositories.map((project) => ({ group: undefined, project })),
  ];
  return mapConcurrently(
    places,
    (place) =>
      orFailure(ports, () =>
        runOperation(listAuditEvents, ports, {
          ...place,
          from: plan.from,
          to: plan.to,
          security_relevant: true,
          limit: 200,
        }),
      ),
    reviewsAtOnce,
  );
}

/** What was merged or pushed in the window that changes where code comes from, or what runs by itself. */
export function readSupplyChain(ports: Ports, plan: Plan, scope: GitLabScope): Promise<unknown> {
  return orFailure(ports, () =>
    runOperation(monitorSupplyChainChanges, ports, {
      from: plan.from,
      to: plan.to,
      group: scope.group ?? undefined,
      project: scope.project ?? undefined,
      max_looked_at: 100,
      max_requests: 400,
      limit: 50,
    }),
  );
}
