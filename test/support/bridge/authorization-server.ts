import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

interface Told {
  issuer?: string;
  asked?: string;
  rotated?: true;
}

/** The process of authorization-server-process.mjs. */
export class AuthorizationServer {
  /** `METHOD /path` of every request it got. */
  readonly asked: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly issuer: string,
  ) {
    child.on('message', ({ asked }: Told) => {
      if (asked !== undefined) this.asked.push(asked);
    });
  }

  /**
   * `audience` is what its access tokens are for unless a client asks for something else; `strict` holds clients to the scopes
   * that they registered with.
   */
  static async start(audience: string, { strict = false } = {}): Promise<AuthorizationServer> {
    const child = fork(join(__dirname, 'authorization-server-process.mjs'), [], {
      execArgv: [],
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.send({ audience, strict });
    const [{ issuer }] = (await once(child, 'message')) as [Told];
    if (issuer === undefined) throw new Error('the authorization server did not start');
    return new AuthorizationServer(child, issuer);
  }

  /** From now on its clock is so far ahead of ours, in milliseconds. */
  setClock(clockOffset: number): void {
    this.child.send({ clockOffset });
  }

  /** New keys; the old ones are no longer published. */
  async rotateKeys(): Promise<void> {
    const rotated = new Promise<void>((resolve) => {
      this.child.on('message', (told: Told) => {
        if (told.rotated) resolve();
      });
    });
    this.child.send({ rotate: true });
    await rotated;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

/**
 * What a person does in the browser, by plain requests: signs in as `login`, confirms, and ends at the client's redirect
 * address, which is returned with its query and not fetched. Cookies stay at the authorization server.
 */
export async function signInAndConfirm(authorization: URL, login = 'eva.lang'): Promise<URL> {
  const cookies = new Map<string, string>();
  let address = authorization;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 20; steps += 1) {
    if (address.origin !== authorization.origin) return address;
    const response = await fetch(address, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: form,
    });
    form = undefined;
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      address = new URL(location, address);
      continue;
    }
    const page = await response.text();
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (action === undefined || prompt === undefined)
      throw new Error(`no form: ${response.status} ${page.slice(-600)}`);
    address = new URL(action, address);
    form = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'simulated' } : { prompt });
  }
  throw new Error('the authorization server never came back to the client');
}
