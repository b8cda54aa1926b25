import type { Parameters } from '../../../operations/compliance/manifest';
import { everyHour, october, parameters, type Rows, row } from './sample-package';

/** Rows of one kind with whether they are to be found, and why. */
export interface Labelled {
  kind: string;
  label: 'positive' | 'negative' | 'boundary';
  why: string;
  rows: Rows;
  change?: Partial<Parameters>;
  found: number;
}

const kinds: Labelled[] = [];
const add = (
  kind: string,
  label: Labelled['label'],
  why: string,
  rows: Rows,
  found: number,
  change: Partial<Parameters> = {},
) => kinds.push({ kind, label, why, rows, found, change });

const at = (quarter: string, user = 'mira') => ({
  activity: [row('activity', { user, account: '1', quarter, events: '2', changes: '1', first_at: quarter })],
});
const night = 'after_hours_activity';
add(night, 'positive', 'two in the morning in Berlin', at('2026-10-06T00:00:00.000Z'), 1);
add(night, 'negative', 'ten in the morning', at('2026-10-06T08:00:00.000Z'), 0);
add(night, 'boundary', 'the last quarter before eight', at('2026-10-06T05:45:00.000Z'), 1);
add(night, 'boundary', 'eight itself', at('2026-10-06T06:00:00.000Z'), 0);
add(night, 'boundary', 'the last quarter before six', at('2026-10-06T15:45:00.000Z'), 0);
add(night, 'boundary', 'six itself', at('2026-10-06T16:00:00.000Z'), 1);
add(night, 'boundary', 'eight on the Friday before the clock goes back', at('2026-10-23T06:00:00.000Z'), 0);
add(night, 'boundary', 'the same instant on the Monday after is seven', at('2026-10-26T06:00:00.000Z'), 1);
add(night, 'boundary', 'eight on that Monday', at('2026-10-26T07:00:00.000Z'), 0);
add(night, 'positive', 'Saturday at noon', at('2026-10-10T10:00:00.000Z'), 1);
add(night, 'negative', 'Saturday at noon where the weekend is Friday', at('2026-10-10T10:00:00.000Z'), 0, {
  weekend_days: ['friday'],
});
add(night, 'positive', 'a holiday at noon', at('2026-10-06T10:00:00.000Z'), 1, { holidays: ['2026-10-06'] });
add(night, 'boundary', 'the holiday is the date of the zone', at('2026-10-05T22:30:00.000Z'), 1, {
  holidays: ['2026-10-06'],
  business_start: '00:00',
  business_end: '24:00',
});
add(night, 'negative', 'a machine', at('2026-10-06T00:00:00.000Z', 'svc-Deploy'), 0, {
  service_identities: ['SVC-deploy'],
});
add(night, 'negative', 'morning on the clock of Kolkata', at('2026-10-06T02:30:00.000Z'), 0, {
  user_zones: { Mira: 'Asia/Kolkata' },
});
add(night, 'boundary', 'a quarter before eight in Kolkata', at('2026-10-06T02:15:00.000Z'), 1, {
  user_zones: { mira: 'Asia/Kolkata' },
});
add(night, 'negative', 'noon at UTC+14', at('2026-10-05T22:00:00.000Z'), 0, {
  user_zones: { mira: 'Pacific/Kiritimati' },
});
const shift = { user: 'MIRA', from: '2026-10-06T00:00:00Z', to: '2026-10-06T02:00:00Z' };
add(night, 'negative', 'on call', at('2026-10-06T00:00:00.000Z'), 0, { on_call: [shift] });
add(night, 'boundary', 'the end of the shift', at('2026-10-06T02:00:00.000Z'), 1, { on_call: [shift] });

const change = (cells: Record<string, string>) => ({
  privileged: [row('privileged', { time: '2026-10-06T10:00:00.000Z', user: 'mira', ...cells })],
});
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
add('administrator_granted', 'positive', 'to a role', change({ action: 'iam:AttachRolePolicy', policy: admin }), 1);
add(
  'administrator_granted',
  'negative',
  'refused',
  change({ action: 'iam:AttachRolePolicy', policy: admin, error: 'AccessDenied' }),
  0,
);
add('administrator_granted', 'negative', 'taken away', change({ action: 'iam:DetachRolePolicy', policy: admin }), 0);
add(
  'administrator_granted',
  'boundary',
  'a policy whose name begins alike',
  change({ action: 'iam:AttachRolePolicy', policy: `${admin}ReadOnly` }),
  0,
);
const self = 'rights_given_to_oneself';
add(self, 'positive', 'joins a group', change({ action: 'iam:AddUserToGroup', target: 'mira', group: 'ops' }), 1);
add(self, 'negative', 'puts somebody else into it', change({ action: 'iam:AddUserToGroup', target: 'jonas' }), 0);
add(self, 'boundary', 'without a target', change({ action: 'iam:AddUserToGroup', target: '' }), 0);
const key = 'credential_for_another_user';
add(key, 'positive', 'a key for jonas', change({ action: 'iam:CreateAccessKey', target: 'jonas' }), 1);
add(key, 'negative', 'a key of her own', change({ action: 'iam:CreateAccessKey', target: 'mira' }), 0);
add(key, 'boundary', 'no user is named: her own', change({ action: 'iam:CreateAccessKey', target: '' }), 0);
add('mfa_removed', 'positive', 'carried out', change({ action: 'iam:DeactivateMFADevice', target: 'jonas' }), 1);
add('mfa_removed', 'negative', 'enabled', change({ action: 'iam:EnableMFADevice', target: 'jonas' }), 0);
add('mfa_removed', 'boundary', 'refused', change({ action: 'iam:DeactivateMFADevice', error: 'AccessDenied' }), 0);

const signIn = (cells: Record<string, string>) =>
  row('sign_ins', {
    time: '2026-10-06T10:00:00.000Z',
    system: 'aws_cloudtrail',
    user: 'mira',
    result: 'success',
    mfa: 'yes',
    federated: 'no',
    ip: '198.51.100.1',
    ...cells,
  });
const password = 'sign_in_without_mfa';
add(password, 'positive', 'a password alone', { sign_ins: [signIn({ mfa: 'no' })] }, 1);
add(password, 'negative', 'with a second factor', { sign_ins: [signIn({})] }, 0);
add(
  password,
  'negative',
  'federated, where AWS always says no',
  { sign_ins: [signIn({ mfa: 'no', federated: 'yes' })] },
  0,
);
add(password, 'boundary', 'it failed', { sign_ins: [signIn({ mfa: 'no', result: 'failure' })] }, 0);
const failures = (count: number, stepSeconds: number, cells: Record<string, string> = {}) => ({
  sign_ins: Array.from({ length: count }, (_, n) =>
    signIn({
      result: 'failure',
      time: new Date(Date.parse('2026-10-06T10:00:00Z') + n * stepSeconds * 1000).toISOString(),
      ...cells,
    }),
  ),
});
const burst = 'repeated_failed_sign_ins';
add(burst, 'positive', 'five within a minute', failures(5, 10), 1);
add(burst, 'boundary', 'four', failures(4, 10), 0);
add(burst, 'boundary', 'the fifth comes a second before the hour is over', failures(5, 899.75), 1);
add(burst, 'boundary', 'the fifth comes when the hour is over', failures(5, 900), 0);
add(burst, 'negative', 'they succeeded', failures(5, 10, { result: 'success' }), 0);
add(burst, 'boundary', 'another threshold', failures(2, 10), 1, { failed_sign_ins: 2 });
const refused = (calls: string, hour = '2026-10-06T10:00:00.000Z') =>
  row('denied', { user: 'mira', account: '1', action: 'iam:ListUsers', error: 'AccessDenied', hour, calls });
add('repeated_refusals', 'positive', 'sixty in an hour', { denied: [refused('60')] }, 1);
add('repeated_refusals', 'boundary', 'fifty over two actions', { denied: [refused('49'), refused('1')] }, 1);
add('repeated_refusals', 'boundary', 'forty-nine', { denied: [refused('49')] }, 0);
add(
  'repeated_refusals',
  'negative',
  'fifty over two hours',
  { denied: [refused('25'), refused('25', '2026-10-06T11:00:00.000Z')] },
  0,
);
const rootCall = (time: string) => row('root', { time, account: '1', action: 'iam:CreateUser', mfa: 'no' });
add('root_used', 'positive', 'a call', { root: [rootCall('2026-10-06T10:00:00.000Z')] }, 1);
add(
  'root_used',
  'boundary',
  'two days are two',
  { root: [rootCall('2026-10-06T23:59:59.999Z'), rootCall('2026-10-07T00:00:00.000Z')] },
  2,
);
add('root_used', 'negative', 'no call', { root: [] }, 0);

export const merged = (cells: Record<string, string> = {}) =>
  row('merge_requests', {
    project: 'corp/app',
    iid: '7',
    author: 'jonas',
    merged_by: 'mira',
    merged_at: '2026-10-06T12:00:00.000Z',
    target_branch: 'main',
    into_default: 'yes',
    approval_data: 'full',
    approvals_required: '1',
    approved_by: 'mira',
    last_approved_at: '2026-10-06T11:00:00.000Z',
    approval_times: 'known',
    last_changed_at: '2026-10-06T10:00:00.000Z',
    commits_read: 'yes',
    merged_indirectly: 'no',
    ...cells,
  });
const mr = (cells: Record<string, string>) => ({ merge_requests: [merged(cells)] });
add('approved_by_author', 'positive', 'alone', mr({ approved_by: 'jonas' }), 1);
add('approved_by_author', 'positive', 'beside another', mr({ approved_by: 'mira; jonas' }), 1);
add('approved_by_author', 'negative', 'by another', mr({}), 0);
add('approved_by_author', 'boundary', 'a name that begins alike', mr({ approved_by: 'jonas2' }), 0);
add(
  'approved_by_author',
  'negative',
  'approvals could not be read',
  mr({ approval_data: 'unavailable', approved_by: '' }),
  0,
);
add('approved_by_committer', 'positive', 'somebody else', mr({ committing_approvers: 'mira' }), 1);
add(
  'approved_by_committer',
  'boundary',
  'the author, who is told already',
  mr({ approved_by: 'jonas', committing_approvers: 'jonas' }),
  0,
);
add('approved_by_committer', 'negative', 'nobody', mr({}), 0);
add('approver_may_be_committer', 'positive', 'the same name', mr({ possible_committers: 'mira' }), 1);
add('approver_may_be_committer', 'negative', 'another name', mr({}), 0);
add(
  'approver_may_be_committer',
  'boundary',
  'the author, who is told already',
  mr({ approved_by: 'jonas', possible_committers: 'jonas' }),
  0,
);
add('merged_without_approval', 'positive', 'none', mr({ approved_by: '' }), 1);
add(
  'merged_without_approval',
  'boundary',
  'none, and none required',
  mr({ approved_by: '', approvals_required: '0' }),
  1,
);
add(
  'merged_without_approval',
  'negative',
  'unknown is not none',
  mr({ approved_by: '', approval_data: 'unavailable' }),
  0,
);
add(
  'merged_without_approval',
  'negative',
  'into another branch',
  mr({ approved_by: '', into_default: 'no', target_branch: 'feature' }),
  0,
);
add(
  'merged_without_approval',
  'boundary',
  'into a branch that was named',
  mr({ approved_by: '', into_default: 'no', target_branch: 'release' }),
  1,
  { branches: ['release'] },
);
add(
  'merged_without_approval',
  'boundary',
  'the default branch is not known',
  mr({ approved_by: '', into_default: 'unknown' }),
  1,
);
add('merged_indirectly', 'positive', 'closed by a push', mr({ approved_by: '', merged_indirectly: 'yes' }), 1);
add('merged_indirectly', 'negative', 'merged by a person', mr({ approved_by: '' }), 0);
add('merged_indirectly', 'boundary', 'approved all the same', mr({ merged_indirectly: 'yes' }), 0);
add('merged_below_required_approvals', 'positive', 'one of two', mr({ approvals_required: '2' }), 1);
add(
  'merged_below_required_approvals',
  'boundary',
  'two of two',
  mr({ approvals_required: '2', approved_by: 'mira; eva' }),
  0,
);
add('merged_below_required_approvals', 'negative', 'not known how many', mr({ approvals_required: '' }), 0);
const late = 'approved_before_last_change';
add(late, 'positive', 'pushed an hour after', mr({ last_changed_at: '2026-10-06T11:30:00.000Z' }), 1);
add(late, 'boundary', 'a millisecond after', mr({ last_changed_at: '2026-10-06T11:00:00.001Z' }), 1);
add(late, 'boundary', 'at the same time', mr({ last_changed_at: '2026-10-06T11:00:00.000Z' }), 0);
add(late, 'negative', 'before', mr({}), 0);
add(late, 'negative', 'not known when', mr({ last_changed_at: '' }), 0);

const push = (cells: Record<string, string>) => ({
  pushes: [
    row('pushes', {
      project: 'corp/app',
      branch: 'main',
      time: '2026-10-06T10:00:00.000Z',
      user: 'jonas',
      to: 'abc',
      looked_up: 'yes',
      ...cells,
    }),
  ],
});
add('direct_push', 'positive', 'no merge request', push({}), 1);
add('direct_push', 'negative', 'a merge', push({ merge_requests: '!7' }), 0);
add('direct_push', 'boundary', 'GitLab could not be asked', push({ looked_up: 'no' }), 0);
const setting = (category: string) => ({
  setting_changes: [
    row('setting_changes', {
      time: '2026-10-06T10:00:00.000Z',
      entity: 'corp/app',
      author: 'Jonas',
      category,
      summary: 'Changed',
    }),
  ],
});
for (const category of ['approval_settings', 'protected_branches', 'push_rules']) {
  add(`${category}_changed`, 'positive', 'a change', setting(category), 1);
  add(`${category}_changed`, 'negative', 'none', {}, 0);
  add(`${category}_changed`, 'boundary', 'another kind', setting('tokens'), 0);
}
const deploy = (cells: Record<string, string>) => ({
  deployments: [
    row('deployments', {
      project: 'corp/app',
      deployment_id: '1',
      environment: 'production',
      status: 'success',
      created_at: '2026-10-06T12:00:00.000Z',
      looked_up: 'yes',
      merge_requests: '!7',
      first_merged_at: '2026-10-06T11:00:00.000Z',
      ...cells,
    }),
  ],
});
const bare = { merge_requests: '', first_merged_at: '' };
const without = 'deployment_without_merge_request';
add(without, 'positive', 'none holds the commit', deploy(bare), 1);
add(without, 'negative', 'one does', deploy({}), 0);
add(without, 'negative', 'it failed', deploy({ ...bare, status: 'failed' }), 0);
add(without, 'boundary', 'to staging', deploy({ ...bare, environment: 'staging' }), 0);
add(without, 'boundary', 'to staging, which was named', deploy({ ...bare, environment: 'staging' }), 1, {
  environments: ['staging'],
});
add(without, 'boundary', 'GitLab could not be asked', deploy({ ...bare, looked_up: 'no' }), 0);
const early = 'deployment_before_merge';
add(early, 'positive', 'an hour before', deploy({ first_merged_at: '2026-10-06T13:00:00.000Z' }), 1);
add(early, 'boundary', 'at the same time', deploy({ first_merged_at: '2026-10-06T12:00:00.000Z' }), 0);
add(early, 'negative', 'after', deploy({}), 0);

const silent = (from: string, hours: number) => ({
  log_hours: everyHour(october).filter(({ hour = '' }) => {
    const offset = (Date.parse(hour) - Date.parse(from)) / 3_600_000;
    return offset < 0 || offset >= hours;
  }),
});
add('log_gap', 'positive', 'three hours', silent('2026-10-06T10:00:00Z', 3), 1);
add('log_gap', 'boundary', 'two', silent('2026-10-06T10:00:00Z', 2), 1);
add('log_gap', 'boundary', 'one', silent('2026-10-06T10:00:00Z', 1), 0);
add('log_gap', 'boundary', 'one, where one is asked for', silent('2026-10-06T10:00:00Z', 1), 1, { log_gap_hours: 1 });
add('log_gap', 'boundary', 'the first two hours of the period', silent('2026-09-30T22:00:00Z', 2), 1);
add('log_gap', 'boundary', 'the last two', silent('2026-10-31T21:00:00Z', 2), 1);
add('log_gap', 'negative', 'none', {}, 0);
const logging = (action: string, error = '') => ({
  log_changes: [row('log_changes', { time: '2026-10-06T10:00:00.000Z', user: 'mira', action, error })],
});
add('logging_changed', 'positive', 'stopped', logging('cloudtrail:StopLogging'), 1);
add('logging_changed', 'negative', 'started', logging('cloudtrail:StartLogging'), 0);
add('logging_changed', 'boundary', 'refused', logging('cloudtrail:StopLogging', 'AccessDenied'), 0);

export const labelled: readonly Labelled[] = kinds;
export { parameters };
