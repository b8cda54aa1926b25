import type { Sandbox } from '../../sandbox/src/sandbox';
import type { MemoryCases } from './memory-cases';
import { createTestPorts } from './ports';

/** Ports to the stand-ins over the wire, with the case store in memory; `broken` services have an address where nobody listens. */
export function sandboxPorts(sandbox: Sandbox, cases: MemoryCases, broken: readonly string[] = [], speed = 4) {
  const url = (name: 'panther' | 'gitlab' | 'slack', real: string) =>
    broken.includes(name) ? 'http://127.0.0.1:9' : real;
  return createTestPorts({
    cases,
    speed,
    connections: {
      panther: { baseUrl: url('panther', sandbox.panther.url), token: sandbox.panther.token },
      gitlab: {
        baseUrl: url('gitlab', sandbox.gitlab.url),
        token: sandbox.gitlab.token,
        defaults: { group: sandbox.gitlab.group },
      },
      slack: {
        baseUrl: url('slack', `${sandbox.slack.url}/api`),
        token: sandbox.slack.token,
        defaults: { channel_default: sandbox.slack.channels[0]?.name ?? '' },
      },
    },
  });
}
