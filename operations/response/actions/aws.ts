import { InvalidInputError, NotFoundOrNoAccessError } from '../../errors';
import type { ObservedTarget } from '../../investigation/observed-targets';
import { refuseProtected, requireObserved } from '../guards';
import { type DraftPlan, nameOf, type PlanRequest, type ResponseAction } from '../plan';
import type { IamIdentity, IamPort } from '../response-port';
import { deactivateAccessKey } from '../steps/iam-access-key';
import { denyAllToRole, denyAllToUser, revokeRoleSessions, revokeUserSessions } from '../steps/iam-policies';

/** Denies everything, switches keys off, and revokes older sessions. */
export const isolateAwsUser: ResponseAction = {
  name: 'isolate_user',
  system: 'aws_iam',
  async draft(request) {
    const { name, account } = nameOf(request.target, 'user');
    const seen = requireObserved(request.record, ['user'], name);
    const iam = await request.systems.iam();
    const user = await identity(request, iam, 'user', name, account ?? seen.account);
    const keys = await iam.accessKeys(user.name);
    return {
      label: user.arn,
      steps: [
        [denyAllToUser, { user: user.name }],
        [revokeUserSessions, { user: user.name, issued_before: request.at }],
        ...keys
          .filter(({ status }) => status === 'Active')
          .map(({ id }): DraftPlan['steps'][number] => [deactivateAccessKey, { user: user.name, access_key: id }]),
      ],
      warnings: warningsAbout(seen),
    };
  },
};

/** Switches one key off and leaves its user alone. */
export const revokeAwsAccessKey: ResponseAction = {
  name: 'revoke_access_key',
  system: 'aws_iam',
  async draft(request) {
    const key = request.target.trim();
    if (!/^AKIA[A-Z0-9]{12,124}$/.test(key))
      throw new InvalidInputError(
        'target',
        'is no id of a long-term access key (AKIA...); keys of sessions end with their session',
      );
    const seen = requireObserved(request.record, ['access_key'], key);
    if (seen.owner === null)
      throw new InvalidInputError('target', `the logs do not tell whose key ${key} is, so it cannot be addressed`);
    const iam = await request.systems.iam();
    const user = await identity(request, iam, 'user', seen.owner, seen.account);
    const keys = await iam.accessKeys(user.name);
    const found = keys.find(({ id }) => id === key);
    if (found === undefined) throw new NotFoundOrNoAccessError('AWS IAM', `access key ${key} of the user ${user.name}`);
    return {
      label: `${key} of ${user.arn}`,
      steps: [[deactivateAccessKey, { user: user.name, access_key: key }]],
      warnings: [
        ...warningsAbout(seen),
        ...(found.status === 'Inactive' ? [`The access key ${key} is inactive already.`] : []),
        ...(keys.length > 1
          ? [`The user ${user.name} has ${keys.length - 1} more access keys, which stay as they are.`]
          : []),
      ],
    };
  },
};

/** Denies everything to a role and to whoever runs with it. */
export const quarantineAwsRole: ResponseAction = {
  name: 'quarantine_role',
  system: 'aws_iam',
  async draft(request) {
    const { name, account } = nameOf(request.target, 'role');
    const seen = requireObserved(request.record, ['role'], name);
    const iam = await request.systems.iam();
    const role = await identity(request, iam, 'role', name, account ?? seen.account);
    return {
      label: role.arn,
      steps: [
        [denyAllToRole, { role: role.name }],
        [revokeRoleSessions, { role: role.name, issued_before: request.at }],
      ],
      warnings: [
        ...warningsAbout(seen),
        `Everything that runs with the role ${role.name} stops working, applications included.`,
      ],
    };
  },
};

/** The user or role as AWS has it: in the account where it was observed, not protected, and not the bridge's own. */
async function identity(
  { settings }: PlanRequest,
  iam: IamPort,
  kind: 'user' | 'role',
  name: string,
  account: string | null,
): Promise<IamIdentity> {
  refuseProtected(settings, name);
  const found = kind === 'user' ? await iam.user(name) : await iam.role(name);
  if (found === undefined) throw new NotFoundOrNoAccessError('AWS IAM', `${kind} ${name}`);
  refuseProtected(settings, found.name, found.arn);
  if (account !== null && /^\d{12}$/.test(account) && account !== found.account) {
    throw new InvalidInputError(
      'target',
      `the ${kind} ${name} was observed in account ${account}, and this bridge acts in account ${found.account}: another ${kind} of the same name would be hit`,
      { refused: 'other_account' },
    );
  }
  if (/^\/aws-(?:service-role|reserved)\//.test(found.path)) {
    throw new InvalidInputError('target', `${found.arn} belongs to AWS itself and cannot be changed by policies`, {
      refused: 'aws_owned',
    });
  }
  if (isOwn(await iam.ownArn(), found)) {
    throw new InvalidInputError('target', `${found.arn} is what the bridge itself acts as; it would lock itself out`, {
      refused: 'own_identity',
    });
  }
  return found;
}

/** A session of a role has an ARN of its own. */
function isOwn(ownArn: string, { arn, name, account }: IamIdentity): boolean {
  if (ownArn === arn) return true;
  const session = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(ownArn);
  return arn.includes(':role/') && session?.[1] === account && session?.[2] === name;
}

function warningsAbout({ relation, name, made }: ObservedTarget): string[] {
  if (relation === 'acted') return [];
  return made
    ? [`${name} was made by a call in what was looked at, and no use of it was seen there.`]
    : [
        `${name} made no call in what was looked at: it was named by the calls of others, who may want it out of the way.`,
      ];
}
