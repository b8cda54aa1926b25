import { ask, clockFindings, expiryFindings, type Finding, rightsFindings, textsOf } from './check';
import type { Examination } from './examination';

/** Scopes that only read; a token for reading may have them besides `read_api`. */
const reading = ['read_api', 'read_user', 'read_repository', 'self_rotate'];

/** The token's own record (`GET /personal_access_tokens/self`); tokens of groups and projects are read the same way. */
export async function checkGitLab({ ports, config }: Examination): Promise<Finding[]> {
  const answer = await ask(ports, 'gitlab', '/api/v4/personal_access_tokens/self');
  if ('finding' in answer) return [answer.finding];
  const { response, json } = answer;
  if (response.status === 401)
    return [{ level: 'problem', text: 'GitLab refused the token: it is wrong, expired or revoked. Make a new one.' }];
  const held = textsOf(json?.scopes);
  if (response.status !== 200 || held === undefined)
    return [
      {
        level: 'problem',
        text: `GITLAB_URL answered ${response.status}, but not as GitLab's API does. Use the address of the instance, e.g. https://gitlab.com.`,
      },
    ];
  const now = ports.now();
  const changes = config.allow.gitlab !== 'read' || config.responses.enabled;
  const words = { right: 'scope', grant: 'Make a token with it.' };
  // Fine-grained tokens name no scope; what they may do shows only when it is tried.
  const rights =
    held.length === 0
      ? [{ level: 'warning' as const, text: 'The token names no scopes, so that nothing can be said about them.' }]
      : changes
        ? rightsFindings(held, ['api'], ['api', ...reading], words)
        : rightsFindings(held, held.includes('api') ? [] : ['read_api'], reading, words);
  return [
    { level: 'ok', text: `GitLab took the token "${String(json?.name ?? 'without a name')}".` },
    ...rights,
    ...expiryFindings(json?.expires_at, now, 'Rotate it in GitLab.'),
    ...clockFindings(response, now),
  ];
}
