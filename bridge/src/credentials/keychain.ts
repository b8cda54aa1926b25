import { CredentialError, type CredentialSource } from './credential-source';
import type { SecretName } from './secrets';

type Keyring = typeof import('@napi-rs/keyring');
/** A secret of the settings, or what `connect` keeps of a sign-in at a bridge. */
type Account = SecretName | `login ${string}`;

const linuxAdvice =
  'On Linux it is the Secret Service of a desktop session (gnome-keyring, KWallet): unlock it, or start the bridge under `dbus-run-session`';

/**
 * The operating system's keychain, over the keytar API of @napi-rs/keyring: entries of one service name, an account for each
 * secret. On Linux the store is pinned to the Secret Service: left alone, the library would fall back to the kernel's
 * keyring, which forgets everything at the next boot.
 */
export class Keychain implements CredentialSource {
  readonly name = 'keychain';
  private library: Promise<Keyring> | undefined;

  /** `otherwise` is what a person can do who has no keychain. */
  constructor(
    readonly service: string,
    private readonly otherwise = 'take "keychain" out of the order of sources',
  ) {}

  async read(secret: Account): Promise<string | undefined> {
    return (await this.ask('read', secret, (entry) => entry.getPassword())) ?? undefined;
  }

  async write(secret: Account, value: string): Promise<void> {
    await this.ask('written', secret, (entry) => entry.setPassword(value));
  }

  /** Whether there was one. */
  async remove(secret: Account): Promise<boolean> {
    if ((await this.read(secret)) === undefined) return false;
    await this.ask('changed', secret, (entry) => entry.deletePassword());
    return true;
  }

  private async ask<T>(
    verb: string,
    secret: Account,
    work: (entry: import('@napi-rs/keyring').AsyncEntry) => Promise<T>,
  ): Promise<T> {
    this.library ??= import('@napi-rs/keyring');
    try {
      const { AsyncEntry } = await this.library;
      return await work(new AsyncEntry(this.service, secret, { linux: { store: 'secret-service' } }));
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, ' ').slice(0, 200);
      throw new CredentialError(
        `The keychain cannot be ${verb} for ${secret}: ${reason}. ${process.platform === 'linux' ? linuxAdvice : 'Unlock it and allow access'}, or ${this.otherwise}.`,
      );
    }
  }
}
