/** Whose credential a secret belongs to; each group has its own order of sources. */
export const credentialGroups = ['panther', 'gitlab', 'slack', 'okta', 'model', 'response', 'bridge'] as const;
export type CredentialGroup = (typeof credentialGroups)[number];

/** Every secret that the bridge reads, by the name of its environment variable, with what it is. */
export const secrets = {
  PANTHER_API_TOKEN: { group: 'panther', what: "Panther's API token" },
  GITLAB_TOKEN: { group: 'gitlab', what: "GitLab's access token" },
  SLACK_BOT_TOKEN: { group: 'slack', what: 'bot token of the Slack app' },
  SLACK_SIGNING_SECRET: { group: 'slack', what: 'signing secret of the Slack app' },
  SLACK_APP_TOKEN: { group: 'slack', what: 'app-level token of the Slack app' },
  OKTA_API_TOKEN: { group: 'okta', what: "Okta's API token" },
  MODEL_API_KEY: { group: 'model', what: 'key of the model' },
  RESPONSE_AWS_ACCESS_KEY_ID: { group: 'response', what: 'AWS access key of responses' },
  RESPONSE_AWS_SECRET_ACCESS_KEY: { group: 'response', what: 'AWS secret access key of responses' },
  RESPONSE_AWS_SESSION_TOKEN: { group: 'response', what: 'AWS session token of responses' },
  SOC_AUDIT_HTTP_VALUE: { group: 'bridge', what: 'header that the audit trail is passed on with' },
  SOC_DATABASE_URL: { group: 'bridge', what: 'address of the case store, with its password' },
  SOC_SIGNING_KEYS: { group: 'bridge', what: 'keys that clients sign requests with' },
  SOC_ALERT_SECRET: { group: 'bridge', what: 'secret that alert sources send along' },
  SOC_BRIDGE_TOKEN: { group: 'bridge', what: 'token that clients of the bridge send' },
} as const satisfies Record<string, { group: CredentialGroup; what: string }>;

export type SecretName = keyof typeof secrets;

export const secretNames = Object.keys(secrets) as SecretName[];

export function isSecretName(name: string): name is SecretName {
  return Object.hasOwn(secrets, name);
}

/** Where a group's order is set, e.g. `GITLAB_CREDENTIALS`; the bridge's own follow `SOC_CREDENTIALS`. */
export function orderVariable(group: CredentialGroup): string {
  return group === 'bridge' ? 'SOC_CREDENTIALS' : `${group.toUpperCase()}_CREDENTIALS`;
}
