import { spawnSync } from 'node:child_process';

/**
 * Why a service cannot be used; undefined when something listens at its address. Synchronous, because jest collects tests
 * synchronously.
 */
export function unreachable(name: string, url: string, defaultPort: number, variable: string): string | undefined {
  const { hostname, port } = new URL(url);
  const script = `const s=require('node:net').connect(${port || defaultPort},${JSON.stringify(hostname)});s.setTimeout(2000);s.on('connect',()=>process.exit(0));s.on('error',()=>process.exit(1));s.on('timeout',()=>process.exit(1))`;
  return spawnSync(process.execPath, ['-e', script]).status === 0
    ? undefined
    : `skipped, ${name} is not reachable at ${hostname}:${port || defaultPort} (${variable})`;
}
