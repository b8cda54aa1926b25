/** What the console calls the permissions whose titles are published. */
const titles: Record<string, string> = {
  AlertModify: 'Manage Alerts',
  AlertRead: 'Read Alerts',
  DataAnalyticsModify: 'Manage Saved Searches',
  DataAnalyticsRead: 'Query Data Lake',
  GeneralSettingsRead: 'Read Panther Settings Info',
  LogSourceModify: 'Manage Log Sources',
  LogSourceRead: 'View Log Sources',
  OrganizationAPITokenModify: 'Manage API Tokens',
  OrganizationAPITokenRead: 'Read API Token Info',
  PolicyModify: 'Manage Policies',
  PolicyRead: 'View Policies',
  RuleModify: 'Manage Rules',
  RuleRead: 'View Rules',
  RunPantherAI: 'Run Panther AI',
  SummaryRead: 'Read Panther Metrics',
  UserModify: 'Manage Users',
  UserRead: 'Read User Info',
};

/** A permission as the console shows it; null for a name that is not known here. */
export function permissionTitle(name: string): string | null {
  return Object.hasOwn(titles, name) ? (titles[name] ?? null) : null;
}
