import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');
const program = join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

export interface SuiteRun {
  status: number | null;
  output: string;
}

/**
 * The official suite against a server, one revision's frozen requirements. Status 0: everything that is scored passed but
 * for what the baseline lists; a line of the baseline that passes makes it 1 as well.
 */
export function runSuite(url: string, revision: string, baseline?: string): Promise<SuiteRun> {
  const more = baseline === undefined ? [] : ['--expected-failures', baseline];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, 'server', '--url', url, '--requirements', revision, ...more], {
      env,
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', fail);
    child.once('close', (status) => done({ status, output }));
  });
}
