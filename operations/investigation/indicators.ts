import type { Entity, entityTypes } from './alert';

export type EntityType = (typeof entityTypes)[number];

/** Names other systems use for our entity types, lower case without separators. */
const aliases: Readonly<Record<string, EntityType>> = {
  user: 'user',
  username: 'user',
  account: 'user',
  principal: 'user',
  iamuser: 'user',
  role: 'role',
  iamrole: 'role',
  arn: 'aws_arn',
  awsarn: 'aws_arn',
  resourcearn: 'aws_arn',
  awsaccount: 'aws_account',
  awsaccountid: 'aws_account',
  accountid: 'aws_account',
  accesskey: 'access_key',
  accesskeyid: 'access_key',
  awsaccesskey: 'access_key',
  ip: 'ip',
  ipv4: 'ip',
  ipv6: 'ip',
  ipaddress: 'ip',
  ipaddr: 'ip',
  sourceip: 'ip',
  sourceipaddress: 'ip',
  host: 'host',
  hostname: 'host',
  instance: 'host',
  instanceid: 'host',
  domain: 'domain',
  domainname: 'domain',
  fqdn: 'domain',
  email: 'email',
  emailaddress: 'email',
  mail: 'email',
  sha256: 'sha256',
  hash: 'sha256',
  filehash: 'sha256',
  repository: 'repository',
  repo: 'repository',
  project: 'repository',
  other: 'other',
};

/** Our type for a name another system uses; undefined when there is none. */
export function entityTypeNamed(name: string): EntityType | undefined {
  const key = name.toLowerCase().replace(/[\s_.-]/g, '');
  return Object.hasOwn(aliases, key) ? aliases[key] : undefined;
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** A dotted IPv4 or a textual IPv6 address, without port, prefix length or zone. */
export function isIp(text: string): boolean {
  if (ipv4.test(text)) return true;
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(':')) return false;
  try {
    new URL(`http://[${text}]/`);
    return true;
  } catch {
    return false;
  }
}

const formats: Partial<Record<EntityType, { test: (value: string) => boolean; what: string }>> = {
  ip: { test: isIp, what: 'an IPv4 or IPv6 address' },
  sha256: { test: (value) => /^[0-9a-f]{64}$/i.test(value), what: '64 hexadecimal digits' },
  aws_account: { test: (value) => /^\d{12}$/.test(value), what: '12 digits' },
  aws_arn: { test: (value) => /^arn:aws[a-z-]*:[^\s]+$/i.test(value), what: 'an ARN that starts with arn:aws' },
  email: { test: (value) => /^[^\s@]+@[^\s@]+$/.test(value), what: 'an e-mail address' },
};

/** What a value of this type has to look like, when it does not; undefined when it is fine. */
export function formatProblem(type: EntityType, value: string): string | undefined {
  const format = formats[type];
  return format === undefined || format.test(value) ? undefined : `is not ${format.what}`;
}

/**
 * Endings that make a dotted name a domain. A closed list on purpose: `jane.doe` is a user, and calling a user a
 * domain would leave the person out of every query.
 */
const domainEnding =
  /\.(?:com|net|org|io|dev|app|info|biz|xyz|top|cloud|online|site|ru|cn|de|uk|fr|nl|eu|us|edu|gov)$/i;
const internalEnding = /\.(?:internal|local|lan|corp|home|compute\.amazonaws\.com)$/i;

/** The likeliest type of a bare string. Names that could be anything are users: that is what CloudTrail is asked for. */
export function guessEntityType(value: string): EntityType {
  if (isIp(value)) return 'ip';
  if (/^arn:aws[a-z-]*:/i.test(value)) return 'aws_arn';
  if (/^(?:AKIA|ASIA)[A-Z0-9-]{8,}$/i.test(value)) return 'access_key';
  if (/^(?:AIDA|AROA|ANPA|AGPA|AIPA)[A-Z0-9]{12,}$/.test(value)) return 'other';
  if (/^[0-9a-f]{64}$/i.test(value)) return 'sha256';
  if (/^\d{12}$/.test(value)) return 'aws_account';
  if (/^[^\s@/:]+@[^\s@/:]+\.[a-z]{2,}$/i.test(value)) return 'email';
  if (/^m?i-[0-9a-f]{8,17}$/.test(value) || /^ip-\d+-\d+-\d+-\d+/.test(value) || internalEnding.test(value))
    return 'host';
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(value) && domainEnding.test(value)) return 'domain';
  if (/^[\w.-]+(?:\/[\w.-]+)+$/.test(value)) return 'repository';
  if (/^[\w+=,.@-]{1,128}$/.test(value)) return 'user';
  return 'other';
}

/** Undoes the usual defanging of addresses: `203[.]0[.]113[.]9`, `hxxp://`. */
export function refang(value: string): string {
  return value.replace(/\[\.\]|\(\.\)/g, '.').replace(/^hxxp/i, 'http');
}

/** The list without repeats, in the order of first appearance. */
export function uniqueEntities(entities: readonly Entity[]): Entity[] {
  const seen = new Set<string>();
  return entities.filter(({ type, value }) => {
    const key = JSON.stringify([type, value]);
    return seen.has(key) ? false : seen.add(key);
  });
}
