import { type Command, InvalidArgumentError } from 'commander';
import { openInBrowser } from './browser';
import { type LoginPlace, loginPlaces, loginStore } from './kept-login';
import { type ConnectCredential, type Login, StdioProxy } from './stdio-proxy';

type Environment = Record<string, string | undefined>;

/** `soc-bridge connect URL`: any client that starts its servers itself reaches a bridge elsewhere, signed or with a token. */
export function addConnectCommand(program: Command): void {
  program
    .command('connect')
    .description('be an MCP server on stdin and stdout for a bridge elsewhere')
    .argument('<url>', 'its address, e.g. https://soc.example.com/mcp', addressArgument)
    .addHelpText(
      'after',
      `
The credential comes from SOC_CONNECT_KEY (ID=SECRET; requests are signed) or SOC_CONNECT_TOKEN. With neither, and a
bridge that has an authorization server, a person signs in in the browser.
  SOC_CONNECT_LOGIN          keychain (default), file or memory: where sign-ins are kept
  SOC_CONNECT_CLIENT_ID      of a client registered by hand; default: this program registers itself
  SOC_CONNECT_REDIRECT_PORT  port of 127.0.0.1 that the browser comes back to; default any
  BROWSER                    program that opens addresses; default the system's`,
    )
    .action(async (url: URL) => {
      for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
      const say = (text: string) => {
        process.stderr.write(`soc-bridge connect: ${text.replace(/[\p{C}\s]+/gu, ' ')}\n`);
      };
      const given = credentialFrom(process.env);
      const credential = given.kind === 'none' ? loginFrom(url, process.env, say) : given;
      await new StdioProxy(url, credential, process.stdout, say).run(process.stdin);
    });
}

/** Throws Error when both are set: which of them is meant cannot be told. */
export function credentialFrom(environment: Environment): ConnectCredential {
  const { SOC_CONNECT_KEY: key = '', SOC_CONNECT_TOKEN: token = '' } = environment;
  if (key !== '' && token !== '') throw new Error('Set SOC_CONNECT_KEY or SOC_CONNECT_TOKEN, not both.');
  if (token !== '') return { kind: 'token', token };
  if (key === '') return { kind: 'none' };
  const [, id, secret] = /^([A-Za-z0-9_.-]+)=(\S+)$/.exec(key) ?? [];
  if (id === undefined || secret === undefined) throw new Error('SOC_CONNECT_KEY is not ID=SECRET.');
  return { kind: 'signature', id, secret };
}

/** A sign-in that begins when the bridge asks for one. Throws Error when a setting is not one. */
export function loginFrom(url: URL, environment: Environment, say: (text: string) => void): ConnectCredential {
  const { SOC_CONNECT_LOGIN: place = 'keychain', SOC_CONNECT_REDIRECT_PORT: port = '0' } = environment;
  if (!isLoginPlace(place)) throw new Error(`SOC_CONNECT_LOGIN is not one of ${loginPlaces.join(', ')}.`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error('SOC_CONNECT_REDIRECT_PORT is no port.');
  const open = async (): Promise<Login> => {
    // Loaded by those alone whose bridge asks for it.
    const { OAuthLogin } = await import('./oauth-login');
    return new OAuthLogin({
      url,
      store: loginStore(place, url, environment),
      clientId: environment.SOC_CONNECT_CLIENT_ID?.trim() || undefined,
      redirectPort: Number(port),
      say,
      openBrowser: (address) => openInBrowser(address, environment),
    });
  };
  return { kind: 'login', open };
}

function isLoginPlace(text: string): text is LoginPlace {
  return (loginPlaces as readonly string[]).includes(text);
}

/** In the clear only on this machine: a token would be anybody's on the way. */
function addressArgument(text: string): URL {
  if (!URL.canParse(text)) throw new InvalidArgumentError('It is no address.');
  const url = new URL(text);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && here)) {
    throw new InvalidArgumentError('It has to be https, or http on this machine.');
  }
  if (url.username !== '' || url.hash !== '') throw new InvalidArgumentError('It holds a user name or a fragment.');
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}
