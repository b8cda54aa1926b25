/** Where a population is read from. */
export type PopulationSource = 'lake' | 'gitlab';

export interface PopulationShape {
  file: string;
  title: string;
  source: PopulationSource;
  columns: readonly string[];
  /** Column that holds how many events a row stands for; a row is one event where there is none. */
  counts?: string;
}

/** Every list of a package, by its name. A package always has all of them; one that could not be read has no rows and says so. */
export const populations = {
  sign_ins: {
    file: 'population-sign-ins.csv',
    title: 'Sign-ins',
    source: 'lake',
    columns: [
      'time',
      'system',
      'user',
      'identity_type',
      'account',
      'result',
      'mfa',
      'federated',
      'ip',
      'event_id',
      'row_id',
    ],
  },
  activity: {
    file: 'population-activity.csv',
    title: 'Activity of people, by quarter of an hour',
    source: 'lake',
    columns: ['user', 'identity_type', 'account', 'quarter', 'events', 'changes', 'first_at', 'last_at', 'row_id'],
    counts: 'events',
  },
  privileged: {
    file: 'population-privileged-changes.csv',
    title: 'Changes of identities and permissions',
    source: 'lake',
    columns: [
      'time',
      'user',
      'identity_type',
      'account',
      'action',
      'target',
      'policy',
      'group',
      'error',
      'ip',
      'event_id',
      'row_id',
    ],
  },
  root: {
    file: 'population-root.csv',
    title: 'Calls by root',
    source: 'lake',
    columns: ['time', 'account', 'action', 'error', 'ip', 'mfa', 'event_id', 'row_id'],
  },
  denied: {
    file: 'population-denied.csv',
    title: 'Refused calls, by user, call and hour',
    source: 'lake',
    columns: ['user', 'identity_type', 'account', 'action', 'error', 'hour', 'calls', 'first_at', 'last_at', 'row_id'],
    counts: 'calls',
  },
  log_hours: {
    file: 'population-log-hours.csv',
    title: 'Events received, by log and hour',
    source: 'lake',
    columns: ['log', 'hour', 'events'],
    counts: 'events',
  },
  log_changes: {
    file: 'population-log-changes.csv',
    title: 'Changes of logging and detection',
    source: 'lake',
    columns: ['time', 'user', 'identity_type', 'account', 'action', 'target', 'error', 'ip', 'event_id', 'row_id'],
  },
  merge_requests: {
    file: 'population-merge-requests.csv',
    title: 'Merged merge requests',
    source: 'gitlab',
    columns: [
      'project',
      'iid',
      'title',
      'author',
      'merged_by',
      'merged_at',
      'target_branch',
      'into_default',
      'merge_commit',
      'head_commit',
      'approval_data',
      'approvals_required',
      'approved_by',
      'first_approved_at',
      'last_approved_at',
      'approval_times',
      'last_changed_at',
      'committing_approvers',
      'possible_committers',
      'commits_read',
      'merged_indirectly',
      'url',
    ],
  },
  pushes: {
    file: 'population-pushes.csv',
    title: 'Pushes to default branches',
    source: 'gitlab',
    columns: [
      'project',
      'branch',
      'time',
      'user',
      'from',
      'to',
      'commits',
      'title',
      'looked_up',
      'merge_requests',
      'push_id',
    ],
  },
  setting_changes: {
    file: 'population-setting-changes.csv',
    title: 'Changes of approval, branch and push settings',
    source: 'gitlab',
    columns: ['time', 'entity', 'author', 'category', 'type', 'summary', 'change', 'before', 'after', 'ip', 'event_id'],
  },
  deployments: {
    file: 'population-deployments.csv',
    title: 'Deployments',
    source: 'gitlab',
    columns: [
      'project',
      'deployment_id',
      'environment',
      'status',
      'user',
      'created_at',
      'updated_at',
      'ref',
      'commit',
      'looked_up',
      'merge_requests',
      'first_merged_at',
    ],
  },
} as const satisfies Record<string, PopulationShape>;

export type PopulationName = keyof typeof populations;
export const populationNames = Object.keys(populations) as PopulationName[];

export function shapeOf(name: PopulationName): PopulationShape {
  return populations[name];
}
