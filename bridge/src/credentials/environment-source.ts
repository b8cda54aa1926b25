import { readFileSync } from 'node:fs';
import type { Environment } from '../config';
import { CredentialError, type CredentialSource } from './credential-source';
import type { SecretName } from './secrets';

/** No token is near this; a path that points at a log or a device is a mistake. */
const maxBytes = 64 * 1024;

/** `NAME`, or the file that `NAME_FILE` names (secrets of Docker and Kubernetes are files). Both together are a mistake. */
export class EnvironmentSource implements CredentialSource {
  readonly name = 'environment';

  constructor(private readonly environment: Environment) {}

  async read(secret: SecretName): Promise<string | undefined> {
    const value = filled(this.environment[secret]);
    const file = filled(this.environment[`${secret}_FILE`]);
    if (value !== undefined && file !== undefined)
      throw new CredentialError(`${secret} and ${secret}_FILE are both set; keep one of them.`);
    return file === undefined ? value : contentOf(file, secret);
  }
}

function filled(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

function contentOf(file: string, secret: SecretName): string {
  let text: string;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    text = bytes.toString('utf8').trim();
  } catch (error) {
    throw new CredentialError(`${secret}_FILE cannot be read: ${(error as Error).message}.`);
  }
  if (text === '') throw new CredentialError(`${secret}_FILE names an empty file.`);
  return text;
}
