import { ConfigError, type Environment } from '../config';
import { type SourceName, sourceNames } from './credential-source';
import { type CredentialGroup, credentialGroups, orderVariable, secretNames, secrets } from './secrets';
import type { SecretsManagerSettings } from './secrets-manager';

export interface CredentialSettings {
  /** Where each group's secrets are looked for, in this order. */
  order: Readonly<Record<CredentialGroup, readonly SourceName[]>>;
  keychainService: string;
  aws: SecretsManagerSettings | undefined;
  /** How long a secret is used until its source is asked again, in milliseconds. */
  cacheMs: number;
}

/** Reads where secrets are kept. Throws ConfigError that names every variable at fault. */
export function readCredentialSettings(environment: Environment): CredentialSettings {
  const problems: string[] = [];
  const text = (name: string) => environment[name]?.trim() || undefined;
  const listed = (variable: string): readonly SourceName[] | undefined => {
    const value = text(variable);
    if (value === undefined) return undefined;
    const names = value.split(',').map((name) => name.trim().toLowerCase());
    const fine = names.every((name): name is SourceName => sourceNames.some((known) => known === name));
    if (!fine || new Set(names).size !== names.length) {
      problems.push(`${variable} is not a list of ${sourceNames.join(', ')}, each once, with commas.`);
      return undefined;
    }
    return names as SourceName[];
  };
  const general = listed('SOC_CREDENTIALS') ?? ['environment'];
  const order = Object.fromEntries(
    credentialGroups.map((group) => [
      group,
      (group === 'bridge' ? undefined : listed(orderVariable(group))) ?? general,
    ]),
  ) as Record<CredentialGroup, readonly SourceName[]>;

  // A secret that lies where nobody looks is a leak, or somebody's mistake; it is not left to be guessed.
  for (const secret of secretNames) {
    const { group } = secrets[secret];
    const set = [secret, `${secret}_FILE`].find((name) => text(name) !== undefined);
    if (set !== undefined && !order[group].includes('environment'))
      problems.push(
        `${set} is set, but ${orderVariable(group)} does not take secrets from the environment: remove one or the other.`,
      );
  }

  const seconds = text('SOC_CREDENTIAL_CACHE_SECONDS') ?? '300';
  if (!/^\d{1,6}$/.test(seconds) || Number(seconds) < 10)
    problems.push('SOC_CREDENTIAL_CACHE_SECONDS is not a whole number from 10 to 999999.');
  const cacheMs = Number(seconds) * 1000;
  const wantsAws = Object.values(order).some((names) => names.includes('aws'));
  const secretId = text('SOC_AWS_SECRET_ID');
  const region = text('SOC_AWS_REGION');
  const endpoint = text('SOC_AWS_SECRETS_ENDPOINT');
  if (wantsAws && secretId === undefined)
    problems.push('SOC_AWS_SECRET_ID is missing; it names the secret, e.g. soc-bridge/{group}.');
  if (wantsAws && region === undefined) problems.push('SOC_AWS_REGION is missing; e.g. eu-central-1.');
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    problems.push('SOC_AWS_SECRETS_ENDPOINT is not an http or https address.');
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    order,
    keychainService: text('SOC_KEYCHAIN_SERVICE') ?? 'soc-bridge',
    aws: secretId !== undefined && region !== undefined ? { secretId, region, endpoint, cacheMs } : undefined,
    cacheMs,
  };
}
