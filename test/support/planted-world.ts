import { parseAlert } from '../../operations/investigation/alert-format';
import { correlate } from '../../operations/investigation/correlate';
import { audit, review, supplyChain } from './change-answers';
import { account, alertTime, call, group, type Row, results } from './cloud-rows';
import { okta } from './identity-rows';
import type { World } from './planted-text';

const role = {
  actor_type: 'AssumedRole',
  actor_arn: `arn:aws:sts::${account}:assumed-role/Deploy/session`,
  issuer_arn: `arn:aws:iam::${account}:role/Deploy`,
  actor_name: null,
};

/** Three cases that end in three ways. */
export const cases: Record<string, Row[]> = {
  'an attack': [
    call('cloudtrail', 'StopLogging', { name: 't' }),
    call('iam', 'CreateAccessKey', { userName: 'bob' }, role),
  ],
  'a case for a person': [call('iam', 'CreateAccessKey', {}), call('ec2', 'CreateTags', {}, role)],
  'harmless work': [
    call('ec2', 'CreateTags', {}),
    call('iam', 'CreateGroup', {}, { error_code: 'EntityAlreadyExistsException' }),
  ],
};

export function worldOf(rows: Row[]): World {
  return {
    alert: {
      id: 'A-1',
      severity: 'MEDIUM',
      source: 'panther',
      timestamp: alertTime,
      title: 'Something happened',
      indicators: [{ type: 'user', value: 'eve' }],
    },
    rows,
    sign_in: okta('user.session.start', 0),
    merge_request: {
      project: 'simulated/infra',
      iid: 7,
      state: 'merged',
      author: 'eve',
      merged_by: 'bob',
      merged_at: '2026-01-15T09:00:00Z',
      from_fork: false,
      title: 'Add a role',
    },
    pipeline: { project: 'simulated/infra', id: 5, finished_at: '2026-01-15T09:00:00Z', user: 'eve' },
    review: review('merged_without_pipeline', { author: 'mallory', merged_by: 'mallory' }),
    audit: audit('ci_variables', { author: { name: 'Mallory', email: 'mallory@example.com' } }),
    supply_chain: supplyChain('unpinned', 'low', 'mallory'),
  };
}

/** What the pipeline makes of a world. */
export function correlated(world: World) {
  const alert = parseAlert(world.alert);
  const query_results = [
    ...results(alert, { actor_activity: world.rows, actor_reads: [group('ec2', 'DescribeInstances', 1)] }),
    { label: 'identity_okta', query_id: 'q', status: 'succeeded', complete: true, rows: [world.sign_in] },
  ];
  return correlate({
    alert,
    query_results,
    merge_requests: { complete: true, merge_requests: [world.merge_request] },
    pipeline_failures: { complete: true, pipelines: [world.pipeline] },
    merge_request_reviews: [world.review],
    audit_events: world.audit,
    supply_chain: world.supply_chain,
  });
}
