import type { Alert } from './alert';
import { profilesOf } from './baseline';
import type { CoverageItem, EvidenceItem, TimelineEntry, Verdict } from './evidence';
import { readChanges, readPipelines } from './merged-changes';
import { nextActions } from './next-actions';
import { observe } from './observations';
import { isHunt, type Plan, planFor } from './plan';
import { findEvidence } from './rules';
import { timelineOf } from './timeline';
import { decide, type RuleHistory } from './verdict';

export interface CorrelationInput {
  alert: Alert;
  query_results: readonly unknown[];
  merge_requests?: unknown;
  pipeline_failures?: unknown;
  rule_history?: RuleHistory;
}

export interface Correlation {
  plan: Plan;
  verdict: Verdict;
  evidence: EvidenceItem[];
  coverage: CoverageItem[];
  next_actions: string[];
  timeline: TimelineEntry[];
}

/**
 * Evidence and verdict from what was returned: a pure function of its input, the same bytes whatever the order of
 * queries and rows. Never throws on what a service returned: errors and garbage become coverage.
 */
export function correlate(input: CorrelationInput): Correlation {
  const plan = planFor(input.alert);
  const seen = observe(plan, input.query_results);
  const merged = readChanges(input.merge_requests);
  const failures = readPipelines(input.pipeline_failures);
  const coverage = [...seen.coverage, merged.coverage, failures.coverage].slice(0, 50);
  const findings = findEvidence({
    alert: input.alert,
    events: seen.events,
    reads: seen.reads,
    ipHistory: seen.ipHistory,
    profiles: profilesOf(seen.baseline),
    changes: merged.changes,
    coverage,
  });
  const { verdict, evidence } = decide(
    input.alert.severity,
    findings,
    coverage,
    input.rule_history,
    isHunt(input.alert) ? 'hunt' : 'alert',
  );
  return {
    plan,
    verdict,
    evidence,
    coverage,
    next_actions: nextActions(verdict, evidence, coverage),
    timeline: timelineOf(seen.events, evidence, merged.changes, failures.pipelines),
  };
}
