import { SIMULATED_AWS_ACCOUNT } from '../gitlab/seed-files';

/** One IAM user or role of the simulated account, as far as containment sees it. */
export interface IamEntity {
  name: string;
  path: string;
  arn: string;
  id: string;
  /** Inline policies by name. */
  policies: Map<string, string>;
  /** Users only; status by key id. */
  keys: Map<string, 'Active' | 'Inactive'>;
}

export interface IamState {
  users: Map<string, IamEntity>;
  roles: Map<string, IamEntity>;
}

/** The principals of the simulated CloudTrail, the bridge's own user, and one that is kept for emergencies. */
export function simulatedIam(): IamState {
  return {
    users: byName([
      user('tomas.becker', ['AKIASIMULATEDTOMAS01']),
      user('kwame.abadi', ['AKIASIMULATEDKWAME01']),
      user('svc-backup-legacy', ['AKIASIMULATEDNEWKEY9']),
      user('svc-ci-artifacts', ['AKIASIMULATEDCIKEY11']),
      user('soc-response', ['AKIASIMULATEDSOCRSP1']),
      user('break-glass', []),
    ]),
    roles: byName([
      role('ci-terraform'),
      role('platform-admin'),
      role('AWSServiceRoleForSupport', '/aws-service-role/support.amazonaws.com/'),
    ]),
  };
}

/** Whom the simulated credential of the bridge belongs to. */
export const OWN_USER = 'soc-response';

function byName(entities: readonly IamEntity[]): Map<string, IamEntity> {
  return new Map(entities.map((entity) => [entity.name.toLowerCase(), entity]));
}

function user(name: string, keys: readonly string[]): IamEntity {
  return entity('user', 'AIDA', name, '/', keys);
}

function role(name: string, path = '/'): IamEntity {
  return entity('role', 'AROA', name, path, []);
}

function entity(kind: string, prefix: string, name: string, path: string, keys: readonly string[]): IamEntity {
  return {
    name,
    path,
    arn: `arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:${kind}${path}${name}`,
    id: `${prefix}SIM${name.replace(/\W/g, '').toUpperCase().padEnd(14, '0').slice(0, 14)}`,
    policies: new Map(),
    keys: new Map(keys.map((id) => [id, 'Active'])),
  };
}
