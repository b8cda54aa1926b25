import { CredentialError, type CredentialSource } from './credential-source';
import { type CredentialGroup, type SecretName, secrets } from './secrets';

export interface SecretsManagerSettings {
  /** Name or ARN of the secret; `{group}` in it stands for panther, gitlab, slack, okta, model, response or bridge. */
  secretId: string;
  region: string;
  /** Another address than AWS's own, for a proxy, a VPC endpoint or a stand-in. */
  endpoint: string | undefined;
  /** How long a secret that was read is used without asking again, in milliseconds. */
  cacheMs: number;
}

interface Held {
  until: number;
  values: Promise<Readonly<Record<string, string>>>;
}

const giveUpMs = 10_000;

/**
 * AWS Secrets Manager. A secret is a JSON object whose keys are the names of the variables (`GITLAB_TOKEN`, ...). Read with
 * what the machine or the pod is allowed (AWS's own chain of credentials: it has to come from somewhere that is not itself a
 * secret); needs `secretsmanager:GetSecretValue` on it and nothing else. Amazon's client is loaded when it is first needed.
 */
export class SecretsManager implements CredentialSource {
  readonly name = 'aws';
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly settings: SecretsManagerSettings,
    private readonly now: () => number = Date.now,
  ) {}

  async read(secret: SecretName): Promise<string | undefined> {
    const values = await this.values(this.idFor(secrets[secret].group));
    return Object.hasOwn(values, secret) ? values[secret] : undefined;
  }

  forget(): void {
    this.held.clear();
  }

  private idFor(group: CredentialGroup): string {
    return this.settings.secretId.replaceAll('{group}', group);
  }

  /** One request for all secrets that stand in one; a failure is not remembered. */
  private values(id: string): Held['values'] {
    const held = this.held.get(id);
    if (held !== undefined && this.now() < held.until) return held.values;
    const values = this.fetch(id);
    this.held.set(id, { until: this.now() + this.settings.cacheMs, values });
    values.catch(() => this.held.delete(id));
    return values;
  }

  private async fetch(id: string): Promise<Record<string, string>> {
    const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    const { region, endpoint } = this.settings;
    const client = new SecretsManagerClient({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      maxAttempts: 3,
    });
    try {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: id }), {
        abortSignal: AbortSignal.timeout(giveUpMs),
      });
      return parsed(id, answer.SecretString);
    } catch (error) {
      if (error instanceof CredentialError) throw error;
      throw new CredentialError(`AWS Secrets Manager did not give the secret ${id}: ${reasonOf(error as Error)}`);
    } finally {
      client.destroy();
    }
  }
}

function parsed(id: string, text: string | undefined): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    // Neither the text nor the parser's message, which quotes it, goes any further.
  }
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  if (object === undefined || Object.values(object).some((entry) => typeof entry !== 'string'))
    throw new CredentialError(
      `The secret ${id} is not a JSON object of texts, such as {"GITLAB_TOKEN": "..."}; store it as key/value pairs.`,
    );
  return object as Record<string, string>;
}

function reasonOf(error: Error): string {
  switch (error.name) {
    case 'ResourceNotFoundException':
      return 'there is none of this name in this region; check SOC_AWS_SECRET_ID and SOC_AWS_REGION.';
    case 'AccessDeniedException':
      return 'access was denied; allow secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of its own.';
    case 'CredentialsProviderError':
      return 'this machine has no AWS credentials; give it a role, or set AWS_PROFILE.';
    case 'AbortError':
    case 'TimeoutError':
      return `no answer within ${giveUpMs / 1000} s; check the network and SOC_AWS_SECRETS_ENDPOINT.`;
    default:
      return `${error.name}. Check SOC_AWS_SECRET_ID, SOC_AWS_REGION and the role of this machine.`;
  }
}
