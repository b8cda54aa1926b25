import type { SecretName } from './secrets';

export const sourceNames = ['environment', 'keychain', 'aws'] as const;
export type SourceName = (typeof sourceNames)[number];

/** One place that secrets are kept in. */
export interface CredentialSource {
  readonly name: SourceName;
  /**
   * The secret; undefined when this place answered that it holds none. Rejects with CredentialError when it could not be
   * asked: then nobody knows, and no other place may stand in for it.
   */
  read(secret: SecretName): Promise<string | undefined>;
  /** What was read before is asked for again. */
  forget?(): void;
}

/** A place that could not be asked. The message says what to do; it never holds a value. */
export class CredentialError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CredentialError';
  }
}
