import type { Row } from './cloud-rows';

/** A simulated answer of review_merge_request_and_pipeline about a merge request of eve's. */
export function review(code: string, change: Row = {}): Row {
  return {
    merge_request: {
      project: 'simulated/app',
      iid: 12,
      author: 'eve',
      merged_by: 'eve',
      merged_at: '2026-01-15T08:30:00.000Z',
      ...change,
    },
    findings: [{ code, severity: 'medium', statement: 'x', evidence: {}, certainty: 'certain' }],
    complete: true,
  };
}

/** A simulated answer of list_audit_events with one event of eve's. */
export function audit(category: string, change: Row = {}): Row {
  return {
    audit_events: [
      {
        id: 1,
        created_at: '2026-01-15T08:30:00.000Z',
        event_type: `${category}_changed`,
        category,
        change: null,
        from: null,
        to: null,
        author: { id: 3, name: 'Eve', email: 'eve@example.com' },
        entity: { type: 'Project', id: 1, path: 'simulated/app' },
        target: { type: null, id: null, details: null },
        ...change,
      },
    ],
    complete: true,
  };
}

/** A simulated answer of monitor_supply_chain_changes with one change of eve's. */
export function supplyChain(signal: string, severity = 'high', author = 'eve'): Row {
  return {
    changes: [
      {
        id: 'simulated/app!12',
        author,
        merged_by: 'bob',
        merged_at: '2026-01-15T08:30:00.000Z',
        signals: [{ signal, severity, count: 1 }],
      },
    ],
    complete: true,
  };
}

interface Given {
  merge_request_reviews?: Row[];
  audit_events?: Row;
  supply_chain?: Row;
}

/** For each rule: what GitLab's operations found when it fires, and a near miss. */
export const changeCases: [rule: string, hit: Given, miss: Given][] = [
  [
    'change_without_second_person',
    { merge_request_reviews: [review('self_approved')] },
    { merge_request_reviews: [review('from_fork')] },
  ],
  [
    'approved_before_last_push',
    { merge_request_reviews: [review('approved_before_last_push')] },
    { merge_request_reviews: [review('self_merged')] },
  ],
  [
    'approval_rules_overwritten',
    { merge_request_reviews: [review('approval_rules_overwritten')] },
    { merge_request_reviews: [review('unsigned_commits')] },
  ],
  [
    'merged_past_its_pipeline',
    { merge_request_reviews: [review('merged_with_failed_pipeline')] },
    { merge_request_reviews: [review('post_merge_pipeline_failed')] },
  ],
  [
    'branch_protection_loosened',
    { audit_events: audit('protected_branches', { change: 'allow force push', from: 'false', to: 'true' }) },
    { audit_events: audit('protected_branches', { change: 'code owner approval', from: 'false', to: 'true' }) },
  ],
  [
    'repository_token_created',
    { audit_events: audit('tokens', { event_type: 'project_access_token_created' }) },
    { audit_events: audit('tokens', { event_type: 'project_access_token_revoked' }) },
  ],
  [
    'pipeline_variable_exposed',
    { audit_events: audit('ci_variables', { change: 'protected', from: 'true', to: 'false' }) },
    { audit_events: audit('runners', { change: 'protected', from: 'true', to: 'false' }) },
  ],
  [
    'repository_made_public',
    { audit_events: audit('visibility', { change: 'visibility', from: 'Private', to: 'Public' }) },
    { audit_events: audit('visibility', { change: 'visibility', from: 'Public', to: 'Private' }) },
  ],
  [
    'member_promoted',
    { audit_events: audit('members', { change: 'access_level', from: 'Developer', to: 'Maintainer' }) },
    { audit_events: audit('members', { change: 'access_level', from: 'Developer', to: 'Reporter' }) },
  ],
  [
    'repository_sign_in_weakened',
    {
      audit_events: audit('sign_in_policy', { change: 'require_two_factor_authentication', from: 'true', to: 'false' }),
    },
    { audit_events: audit('members', { change: 'require_two_factor_authentication', from: 'true', to: 'false' }) },
  ],
  [
    'runner_registered',
    { audit_events: audit('runners', { event_type: 'ci_runner_registered' }) },
    { audit_events: audit('runners', { event_type: 'ci_runner_unregister_attempt_failed_no', category: null }) },
  ],
  [
    'dependency_content_changed',
    { supply_chain: supplyChain('integrity_changed', 'critical') },
    { supply_chain: supplyChain('new_dependency') },
  ],
  [
    'dependency_source_changed',
    { supply_chain: supplyChain('registry_changed') },
    { supply_chain: supplyChain('new_dependency') },
  ],
  [
    'code_runs_on_install',
    { supply_chain: supplyChain('download_and_run') },
    { supply_chain: supplyChain('download_and_run', 'info') },
  ],
  ['code_concealed', { supply_chain: supplyChain('hidden_characters') }, { supply_chain: supplyChain('not_readable') }],
  [
    'dependency_name_imitated',
    { supply_chain: supplyChain('typosquat') },
    { supply_chain: supplyChain('new_dependency') },
  ],
  [
    'pipeline_guard_weakened',
    { supply_chain: supplyChain('guard_weakened') },
    { supply_chain: supplyChain('out_of_hours') },
  ],
  [
    'dependency_version_odd',
    { supply_chain: supplyChain('downgrade') },
    { supply_chain: supplyChain('first_contribution') },
  ],
];
