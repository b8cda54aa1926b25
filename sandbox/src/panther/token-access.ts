/** Every permission a token can hold, by Panther's names. */
export const ALL_PERMISSIONS: readonly string[] = [
  'AlertModify',
  'AlertRead',
  'DataAnalyticsModify',
  'DataAnalyticsRead',
  'GeneralSettingsRead',
  'LogSourceRead',
  'PolicyModify',
  'PolicyRead',
  'RuleModify',
  'RuleRead',
  'RunPantherAI',
  'SummaryRead',
  'UserRead',
  'ViewAISkills',
];

/** Permission a GraphQL field of Query or Mutation needs; fields not named here need none. */
export const FIELD_PERMISSIONS: Record<string, string> = {
  dataLakeDatabases: 'DataAnalyticsRead',
  dataLakeDatabase: 'DataAnalyticsRead',
  dataLakeDatabaseTables: 'DataAnalyticsRead',
  dataLakeDatabaseTable: 'DataAnalyticsRead',
  dataLakeQuery: 'DataAnalyticsRead',
  dataLakeQueries: 'DataAnalyticsRead',
  executeDataLakeQuery: 'DataAnalyticsRead',
  executeIndicatorSearchQuery: 'DataAnalyticsRead',
  executeAlertActorQuery: 'DataAnalyticsRead',
  schemas: 'LogSourceRead',
  cancelDataLakeQuery: 'DataAnalyticsRead',
  alert: 'AlertRead',
  alerts: 'AlertRead',
  updateAlertStatusById: 'AlertModify',
  updateAlertsAssigneeById: 'AlertModify',
  updateAlertsAssigneeByEmail: 'AlertModify',
  createAlertComment: 'AlertModify',
  aiSummarizeAlert: 'RunPantherAI',
  aiInferenceStream: 'RunPantherAI',
  aiInferenceStreamsMetadata: 'RunPantherAI',
  metrics: 'SummaryRead',
  source: 'LogSourceRead',
  sources: 'LogSourceRead',
  users: 'UserRead',
  userById: 'UserRead',
  userByEmail: 'UserRead',
};

/** What tests and the demo may change about the stand-in while it runs. */
export interface PantherSettings {
  /** How often a poll finds a query still running. */
  runningPolls: number;
  /** The next page of results says `tryAgain: true`, once. */
  tryAgainOnce: boolean;
  /** Cursors of results that were given out before are no longer taken. */
  cursorsExpired: boolean;
  /** Result size, in bytes of JSON, above which a query fails with "result size exceeded". */
  maxResultBytes: number;
  /** How often a poll finds a triage by Panther AI still being written. */
  aiRunningPolls: number;
  /** When not empty: the next triages by Panther AI end with this error. */
  aiError: string;
  /** Permissions of the token. */
  permissions: string[];
  /** Log types that the role of the token may not read: their tables are not there for it. Views are not narrowed. */
  deniedLogTypes: string[];
  /** HTTP status of an answer whose `errors` come from a resolver; which one Panther uses is not documented. */
  graphqlErrorStatus: number;
}

export function defaultSettings(): PantherSettings {
  return {
    runningPolls: 1,
    tryAgainOnce: false,
    cursorsExpired: false,
    maxResultBytes: 100 * 1024 * 1024,
    aiRunningPolls: 2,
    aiError: '',
    permissions: [...ALL_PERMISSIONS],
    deniedLogTypes: [],
    graphqlErrorStatus: 200,
  };
}
