import { spawn } from 'node:child_process';

/**
 * Opens an address in the person's browser: the program that BROWSER names, or the system's own way. No shell reads the
 * address. That it cannot be opened is no error: the address was printed, too.
 */
export function openInBrowser(url: URL, environment: Record<string, string | undefined>): void {
  const [command, ...args] = opener(environment);
  const child = spawn(command, [...args, url.href], { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
}

function opener({ BROWSER: browser = '' }: Record<string, string | undefined>): [string, ...string[]] {
  if (browser !== '') return [browser];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
