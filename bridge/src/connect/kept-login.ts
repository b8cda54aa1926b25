import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client';
import { Keychain } from '../credentials/keychain';

/** What outlives the process of one sign-in at one bridge. */
export interface KeptLogin {
  /** How this program is known to the authorization server, when it registered itself, and on which port it is called back. */
  client?: StoredOAuthClientInformation;
  redirectPort?: number;
  tokens?: StoredOAuthTokens;
}

export interface LoginStore {
  read(): Promise<KeptLogin>;
  write(login: KeptLogin): Promise<void>;
}

export const loginPlaces = ['keychain', 'file', 'memory'] as const;
export type LoginPlace = (typeof loginPlaces)[number];

/** Where sign-ins at the bridge `url` are kept. */
export function loginStore(place: LoginPlace, url: URL, environment: Record<string, string | undefined>): LoginStore {
  if (place === 'memory') return new MemoryStore();
  if (place === 'file') return new FileStore(loginFile(environment), url.href);
  return new KeychainStore(environment.SOC_KEYCHAIN_SERVICE?.trim() || 'soc-bridge', url.href);
}

/** `logins.json` where this system keeps a user's settings. */
export function loginFile(environment: Record<string, string | undefined>): string {
  const { APPDATA, XDG_CONFIG_HOME } = environment;
  const base = process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return join(base || join(homedir(), '.config'), 'soc-bridge', 'logins.json');
}

class MemoryStore implements LoginStore {
  private login: KeptLogin = {};

  read = async () => this.login;
  write = async (login: KeptLogin) => {
    this.login = login;
  };
}

class KeychainStore implements LoginStore {
  private readonly keychain: Keychain;
  private readonly account: `login ${string}`;

  constructor(service: string, url: string) {
    this.keychain = new Keychain(service, 'keep sign-ins elsewhere with SOC_CONNECT_LOGIN=file (or memory)');
    this.account = `login ${url}`;
  }

  async read(): Promise<KeptLogin> {
    return parse((await this.keychain.read(this.account)) ?? '{}', 'The keychain');
  }

  async write(login: KeptLogin): Promise<void> {
    await this.keychain.write(this.account, JSON.stringify(withoutShortLived(login)));
  }
}

/** One file for all bridges, that its owner alone can read. */
class FileStore implements LoginStore {
  constructor(
    private readonly file: string,
    private readonly url: string,
  ) {}

  async read(): Promise<KeptLogin> {
    return (await this.all())[this.url] ?? {};
  }

  async write(login: KeptLogin): Promise<void> {
    const all = { ...(await this.all()), [this.url]: withoutShortLived(login) };
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    const partial = `${this.file}.${process.pid}`;
    await writeFile(partial, JSON.stringify(all), { mode: 0o600 });
    await chmod(partial, 0o600);
    await rename(partial, this.file);
  }

  private async all(): Promise<Record<string, KeptLogin>> {
    let text: string;
    try {
      const { mode } = await stat(this.file);
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        throw new Error(`${this.file} holds tokens, and others may read it: run chmod 600 on it, or delete it.`);
      }
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return {};
      throw error;
    }
    return parse(text, this.file);
  }
}

/**
 * An access token is over in minutes and easily had anew, so it stays out of the store unless nothing else can be kept. Some
 * keychains take no more than 2,560 bytes, too.
 */
function withoutShortLived({ tokens, ...rest }: KeptLogin): KeptLogin {
  if (tokens === undefined) return rest;
  return { ...rest, tokens: tokens.refresh_token === undefined ? tokens : { ...tokens, access_token: '' } };
}

function parse<T extends object>(text: string, where: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
  } catch {
    // Said below.
  }
  throw new Error(`${where} holds something else than sign-ins; remove it and sign in again.`);
}
