import { allowedEffects } from '../mcp/tool-policy';
import { ask, clockFindings, expiryFindings, type Finding, rightsFindings, textsOf } from './check';
import type { Examination } from './examination';

/** The token's own record (`GET /api-tokens/self`, which needs no permission) against what the offered tools need. */
export async function checkPanther({ ports, config, operations }: Examination): Promise<Finding[]> {
  const answer = await ask(ports, 'panther', '/api-tokens/self');
  if ('finding' in answer) return [answer.finding];
  const { response, json } = answer;
  if (response.status === 401 || response.status === 403)
    return [
      {
        level: 'problem',
        text: 'Panther refused the token. Make a new one under Settings > API Tokens (it takes up to a minute to work), and check its allowed addresses.',
      },
    ];
  const held = textsOf(json?.permissions);
  if (response.status !== 200 || held === undefined)
    return [
      {
        level: 'problem',
        text: `PANTHER_API_URL answered ${response.status}, but not as Panther's API does. Use the address under Settings > API Tokens.`,
      },
    ];
  const within = allowedEffects.slice(0, allowedEffects.indexOf(config.allow.panther) + 1);
  const used = operations.filter(({ services, effect }) => services.includes('panther') && within.includes(effect));
  const usable = new Set(used.flatMap(({ permissions }) => permissions));
  const words = { right: 'permission', grant: 'Grant it under Settings > API Tokens.' };
  const now = ports.now();
  return [
    { level: 'ok', text: `Panther took the token "${String(json?.name ?? 'without a name')}".` },
    // Without the data lake nothing can be investigated; the rest takes its own tools away.
    ...rightsFindings(held, ['DataAnalyticsRead'], [...usable], words),
    ...withheld(used, held),
    ...expiryFindings(json?.expiresAt, now, 'Rotate it under Settings > API Tokens.'),
    ...clockFindings(response, now),
  ];
}

function withheld(used: Examination['operations'], held: readonly string[]): Finding[] {
  const lost = used.filter(
    ({ toolset, permissions }) =>
      toolset === 'panther' && permissions.length > 0 && !permissions.some((permission) => held.includes(permission)),
  );
  const needed = [...new Set(lost.flatMap(({ permissions }) => permissions))].filter(
    (permission) => permission !== 'DataAnalyticsRead',
  );
  if (needed.length === 0) return [];
  return [
    {
      level: 'warning',
      text: `${lost.length} tools are withheld because the token lacks ${needed.join(', ')}: ${lost.map(({ name }) => name).join(', ')}.`,
    },
  ];
}
