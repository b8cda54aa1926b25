import { slackMethods } from '../../../operations/slack/methods';
import { type AppFeature, scopesFor } from '../slack/app-manifest';
import { ask, clockFindings, type Finding, rightsFindings } from './check';
import type { Examination } from './examination';

/** Features that are there without being switched on; without their scopes only their own tools fail. */
const optional: readonly [AppFeature, string][] = [
  ['users', 'looking people up by e-mail address'],
  ['incident_channels', 'incident channels'],
  ['uploads', 'uploading reports'],
];

/** `auth.test`, whose answer carries the token's scopes in the header `x-oauth-scopes`. */
export async function checkSlack({ ports, config }: Examination): Promise<Finding[]> {
  const answer = await ask(ports, 'slack', '/auth.test');
  if ('finding' in answer) return [answer.finding];
  const { response, json } = answer;
  if (response.status !== 200 || typeof json?.ok !== 'boolean')
    return [{ level: 'problem', text: `SLACK_API_URL answered ${response.status}, but not as Slack does.` }];
  if (!json.ok)
    return [
      {
        level: 'problem',
        text: `Slack refused the bot token (${String(json.error)}). Install the app again and use the token under OAuth & Permissions.`,
      },
    ];
  const { approvers, appToken, signingSecrets } = config.approvals;
  const buttons = appToken !== undefined || signingSecrets.length > 0;
  const on: AppFeature[] = [
    'messages',
    ...(buttons ? (['buttons'] as const) : []),
    ...(approvers.length > 0 ? (['approvals'] as const) : []),
    ...(approvers.some((id) => id.startsWith('S')) ? (['user_groups'] as const) : []),
  ];
  const findings: Finding[] = [
    { level: 'ok', text: `Slack took the bot token of ${String(json.user)} in ${String(json.team)}.` },
  ];
  const header = response.headers['x-oauth-scopes'];
  if (header === undefined) {
    findings.push({ level: 'warning', text: 'Slack did not say which scopes the token has.' });
  } else {
    const held = header.split(',').map((scope) => scope.trim());
    const usable = Object.values(slackMethods).flatMap(({ scopes }): readonly string[] => scopes);
    const grant = 'Add it by `soc-bridge slack manifest` and install the app again.';
    findings.push(...rightsFindings(held, scopesFor(on), usable, { right: 'scope', grant }));
    for (const [feature, what] of optional) {
      const missing = scopesFor([feature]).filter((scope) => !held.includes(scope));
      if (missing.length > 0)
        findings.push({ level: 'off', text: `Without ${missing.join(', ')} there is no ${what}.` });
    }
  }
  if (approvers.length > 0 && !buttons)
    findings.push({
      level: 'problem',
      text: 'SLACK_APPROVERS is set, but no decision can come in: set SLACK_SIGNING_SECRET or SLACK_APP_TOKEN.',
    });
  return [...findings, ...clockFindings(response, ports.now())];
}
