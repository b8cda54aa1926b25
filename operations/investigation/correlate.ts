import type { Alert } from './alert';
import { alertCoverage } from './alert-coverage';
import { profilesOf } from './baseline';
import { readAudit, readReviews, readSupplyChain } from './change-findings';
import type { CoverageItem, EvidenceItem, PlannedQuery, TimelineEntry, Verdict } from './evidence';
import type { IdentityPlan } from './identity-plan';
import { readChanges, readPipelines } from './merged-changes';
import { nextActions } from './next-actions';
import { observe } from './observations';
import { type ObservedTarget, observedTargets } from './observed-targets';
import { isHunt, type Plan, planFor } from './plan';
import { evidenceRules, findEvidence, withoutOne } from './rules';
import type { EvidenceRule } from './rules/rule';
import { timelineOf } from './timeline';
import { decide, type RuleHistory } from './verdict';

export interface CorrelationInput {
  alert: Alert;
  query_results: readonly unknown[];
  merge_requests?: unknown;
  pipeline_failures?: unknown;
  /** Results of review_merge_request_and_pipeline. */
  merge_request_reviews?: readonly unknown[];
  /** Merge requests of the window that were not reviewed, because there are too many. */
  not_reviewed?: number;
  /** Result of list_audit_events, or a list of them. */
  audit_events?: unknown;
  /** Result of monitor_supply_chain_changes. */
  supply_chain?: unknown;
  rule_history?: RuleHistory;
  /** What was asked of sign-in logs, beside the plan; its answers are among the query results. */
  identity?: IdentityPlan;
}

export interface Correlation {
  plan: Plan;
  /** Every question whose answer was weighed: the plan's and those to sign-in logs. */
  queries: PlannedQuery[];
  verdict: Verdict;
  evidence: EvidenceItem[];
  coverage: CoverageItem[];
  next_actions: string[];
  timeline: TimelineEntry[];
  observed: ObservedTarget[];
}

/**
 * Evidence and verdict from what was returned: a pure function of its input, the same bytes whatever the order of
 * queries and rows. Never throws on what a service returned: errors and garbage become coverage. Without some of the
 * `rules` it shows what those contribute.
 */
export function correlate(input: CorrelationInput, rules: readonly EvidenceRule[] = evidenceRules): Correlation {
  const plan = planFor(input.alert);
  const asked = [...plan.queries, ...(input.identity?.queries ?? [])];
  const seen = observe({ ...plan, queries: asked }, input.query_results);
  const merged = readChanges(input.merge_requests);
  const failures = readPipelines(input.pipeline_failures);
  const reviews = readReviews(input.merge_request_reviews, input.not_reviewed);
  const audit = readAudit(input.audit_events);
  const supplyChain = readSupplyChain(input.supply_chain);
  const coverage = [
    ...alertCoverage(input.alert),
    ...seen.coverage,
    ...identityCoverage(input.identity),
    merged.coverage,
    failures.coverage,
    ...reviews.coverage,
    ...audit.coverage,
    ...supplyChain.coverage,
  ].slice(0, 50);
  const context = {
    alert: input.alert,
    events: seen.events,
    reads: seen.reads,
    ipHistory: seen.ipHistory,
    profiles: profilesOf(seen.baseline),
    changes: merged.changes,
    signIns: seen.signIns,
    signInHistory: seen.signInHistory,
    reviews: reviews.findings,
    audit: audit.findings,
    supplyChain: supplyChain.findings,
    coverage,
  };
  const findings = findEvidence(context, rules);
  const { verdict, evidence } = decide(
    input.alert.severity,
    findings,
    coverage,
    input.rule_history,
    isHunt(input.alert) ? 'hunt' : 'alert',
    (gone) => withoutOne(context, rules, findings, gone),
  );
  const observed = observedTargets(seen.events, merged.changes);
  const timeline = timelineOf(seen.events, evidence, merged.changes, failures.pipelines);
  return {
    plan,
    queries: asked,
    verdict,
    evidence,
    coverage,
    next_actions: nextActions(verdict, evidence, coverage, { timeline, observed }),
    observed,
    timeline,
  };
}

function identityCoverage(identity: IdentityPlan | undefined): CoverageItem[] {
  const item = (label: string, status: CoverageItem['status'], problem: string): CoverageItem => ({
    label,
    source: 'panther:identity',
    status,
    query_id: null,
    rows: null,
    problem,
  });
  const absent = (identity?.not_available ?? []).map(({ label, problem }) => item(label, 'not_available', problem));
  return identity?.failed === undefined
    ? absent
    : [...absent, item('identity_tables', 'failed', identity.failed.slice(0, 1000))];
}
