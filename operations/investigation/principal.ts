import { cleanLine } from '../text';
import { isSharedByPeople } from './plan-subjects';

/** Who made a call. Role sessions are one principal by their role, because whoever assumes a role picks the session name. */
export interface Principal {
  /** Lower case, stable across queries: equal keys are one principal. */
  key: string;
  /** For people: `user bert`, `role Deploy`, `root of 123456789012`. */
  label: string;
  /** Plain name of the user or role, lower case; the person's for sessions of an identity centre. */
  name: string;
  kind: 'user' | 'role' | 'root' | 'service' | 'other';
  account: string | null;
}

export interface PrincipalFields {
  type: string | null;
  /** The caller's ARN: of a session for roles, unless the row was grouped by role already. */
  arn: string | null;
  issuerArn: string | null;
  userName: string | null;
  account: string | null;
}

/** Names what CloudTrail's userIdentity says, without any text that the caller could choose. */
export function principalOf({ type, arn, issuerArn, userName, account }: PrincipalFields): Principal {
  const kind = (type ?? '').toLowerCase();
  const from = (key: string, label: string, name: string, what: Principal['kind']): Principal => ({
    key: cleanLine(key, 400).toLowerCase(),
    label: cleanLine(label, 160),
    name: cleanLine(name, 160).toLowerCase(),
    kind: what,
    account,
  });
  if (kind === 'root' || arn?.endsWith(':root')) {
    return from(`root:${account ?? ''}`, `root of account ${account ?? 'unknown'}`, 'root', 'root');
  }
  if (kind === 'awsservice') return from('service', 'an AWS service', 'aws', 'service');
  const session = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\/(.+)$/i.exec(arn ?? '');
  const issuer = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/i.exec(issuerArn ?? arn ?? '');
  if (session !== null && isSharedByPeople(session[2] ?? '')) {
    return from(`person:${session[1]}:${session[3]}`, `${session[3]} (${session[2]})`, session[3] ?? '', 'user');
  }
  const roleAccount = session?.[1] ?? issuer?.[1];
  const role = session?.[2] ?? issuer?.[2];
  if (role !== undefined && kind !== 'iamuser')
    return from(`role:${roleAccount}:${role}`, `role ${role}`, role, 'role');
  const user = /^arn:aws[a-z-]*:iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/i.exec(arn ?? '');
  const name = user?.[2] ?? userName;
  if (name != null && name !== '')
    return from(`user:${user?.[1] ?? account ?? ''}:${name}`, `user ${name}`, name, 'user');
  if (arn != null && arn !== '') return from(`arn:${arn}`, arn, arn.split(/[/:]/).at(-1) ?? arn, 'other');
  return from(`unknown:${account ?? ''}`, 'an unnamed principal', '', 'other');
}

/** `jane.doe`, `Jane_Doe` and `jane.doe@example.com` are one name. */
export function plainName(name: string): string {
  return (
    name
      .toLowerCase()
      .split('@')[0]
      ?.replace(/[^a-z0-9]/g, '') ?? ''
  );
}
