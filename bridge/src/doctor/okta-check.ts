import { ask, clockFindings, type Finding } from './check';
import type { Examination } from './examination';

/** `GET /api/v1/users/me`: whose token it is. Okta's tokens have the rights of that administrator and name none of them. */
export async function checkOkta({ ports }: Examination): Promise<Finding[]> {
  const answer = await ask(ports, 'okta', '/api/v1/users/me');
  if ('finding' in answer) return [answer.finding];
  const { response, json } = answer;
  if (response.status === 401)
    return [{ level: 'problem', text: 'Okta refused the token. Make a new one under Security > API.' }];
  const login = (json?.profile as { login?: unknown } | undefined)?.login;
  if (response.status !== 200 || typeof login !== 'string')
    return [{ level: 'problem', text: `OKTA_URL answered ${response.status}, but not as Okta does.` }];
  return [
    { level: 'ok', text: `Okta took the token of ${login}.` },
    {
      level: 'warning',
      text: 'It has every right of that administrator, which cannot be read: use one who may only manage users (Group or Help Desk Administrator).',
    },
    ...clockFindings(response, ports.now()),
  ];
}
