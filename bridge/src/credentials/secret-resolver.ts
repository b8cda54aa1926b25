import { ConfigError, type Environment, readDatabaseUrl } from '../config';
import { type CredentialSettings, readCredentialSettings } from './credential-order';
import { CredentialError, type CredentialSource, type SourceName } from './credential-source';
import { EnvironmentSource } from './environment-source';
import { Keychain } from './keychain';
import { type SecretName, secretNames, secrets } from './secrets';
import { SecretsManager } from './secrets-manager';

export interface Resolved {
  /** The environment with every secret that was found filled in; for readConfig. */
  environment: Environment;
  /** Where each secret came from. */
  origin: ReadonlyMap<SecretName, SourceName>;
}

/** Looks for each secret in the places set for its service, in that order. */
export class SecretResolver {
  readonly settings: CredentialSettings;
  private readonly sources: ReadonlyMap<SourceName, CredentialSource>;

  /** Throws ConfigError for settings that cannot be used. */
  constructor(private readonly environment: Environment) {
    this.settings = readCredentialSettings(environment);
    const { aws, keychainService } = this.settings;
    const sources: CredentialSource[] = [new EnvironmentSource(environment), new Keychain(keychainService)];
    if (aws !== undefined) sources.push(new SecretsManager(aws));
    this.sources = new Map(sources.map((source) => [source.name, source]));
  }

  /** Whether a place is asked that can hold another secret tomorrow. */
  get canChange(): boolean {
    return (
      Object.values(this.settings.order).some((names) => names.includes('aws')) ||
      secretNames.some((secret) => this.environment[`${secret}_FILE`] !== undefined)
    );
  }

  /**
   * Throws ConfigError with a line for each place that could not be asked. The next place in the order is for a secret that
   * the one before does not hold, never for one that it could not tell about.
   */
  async resolve(): Promise<Resolved> {
    const environment: Environment = { ...this.environment };
    const origin = new Map<SecretName, SourceName>();
    const problems = new Set<string>();
    for (const secret of secretNames) {
      delete environment[secret];
      try {
        const found = await this.find(secret);
        if (found === undefined) continue;
        environment[secret] = found.value;
        origin.set(secret, found.source);
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error;
        problems.add(error.message);
      }
    }
    if (problems.size > 0) throw new ConfigError([...problems]);
    return { environment, origin };
  }

  /** The first place that holds it. Rejects with CredentialError. */
  async find(secret: SecretName): Promise<{ value: string; source: SourceName } | undefined> {
    for (const name of this.settings.order[secrets[secret].group]) {
      const value = await this.sources.get(name)?.read(secret);
      if (value !== undefined) return { value, source: name };
    }
    return undefined;
  }

  forget(): void {
    for (const source of this.sources.values()) source.forget?.();
  }
}

/** Address of the case store from where it is kept; nothing else is asked for. Rejects with ConfigError. */
export async function findDatabaseUrl(environment: Environment): Promise<string> {
  try {
    const found = await new SecretResolver(environment).find('SOC_DATABASE_URL');
    return readDatabaseUrl({ ...environment, SOC_DATABASE_URL: found?.value });
  } catch (error) {
    throw error instanceof CredentialError ? new ConfigError([error.message]) : error;
  }
}
