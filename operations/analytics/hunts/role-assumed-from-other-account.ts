import { actor, type Hunt, span, within } from './hunt';

export const roleAssumedFromOtherAccount: Hunt = {
  name: 'role_assumed_from_other_account',
  title: 'Role assumed from another account',
  hypothesis: 'Somebody uses the trust between accounts to come in.',
  severity: 'LOW',
  techniques: ['T1199', 'T1550.001'],
  noise: 'Partners and own accounts; the list of accounts is short and known.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, userIdentity:accountId::string AS from_account, requestParameters:roleArn::string AS role_arn, ${span}
${within(window)}
  AND eventName = 'AssumeRole'
  AND errorCode IS NULL
  AND userIdentity:accountId::string IS NOT NULL
  AND userIdentity:accountId::string <> recipientAccountId
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
