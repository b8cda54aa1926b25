import { init } from '@polyglot-sql/sdk';
import { type Operation, runOperation } from '../../../operations/operation';
import type { QueryMemory } from '../../../operations/ports';
import { FaultBoard } from '../../../sandbox/src/faults';
import type { Rule } from '../../../sandbox/src/panther/alert-store';
import { cloudTrailRow, type RowIds } from '../../../sandbox/src/panther/cloudtrail-row';
import { Lake } from '../../../sandbox/src/panther/lake';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { createTestPorts, type TestPorts } from '../../support/ports';

export const token = 'simulated-panther-token';

export interface PortChoices {
  signal?: AbortSignal;
  baseUrl?: string;
  token?: string;
  queries?: QueryMemory;
  /** Settings of the connection, e.g. `cache_seconds`. */
  defaults?: Record<string, string>;
}

/** A tenant of the Panther stand-in on loopback, with a small lake. */
export interface Tenant {
  url: string;
  panther: Panther;
  faults: FaultBoard;
  /** Ports of a host that remembers nothing, unless `queries` is given. */
  ports(options?: PortChoices): TestPorts;
  run(operation: unknown, input: unknown, ports?: TestPorts): Promise<Record<string, unknown>>;
  /** SQL of every query that was started, in order. */
  started(): string[];
  close(): Promise<void>;
}

export const rowsInLake = 1_200;

export async function startTenant(rules: readonly Rule[] = []): Promise<Tenant> {
  // The SQL translator of the stand-in is WebAssembly, which a CommonJS host such as jest has to load itself.
  await init();
  const lake = await Lake.open(() => new Date());
  const ids: RowIds = new Map();
  const rows = Array.from({ length: rowsInLake }, (_, index) =>
    cloudTrailRow(
      {
        eventID: `simulated-${index}`,
        eventName: index % 3 === 0 ? 'CreateAccessKey' : 'DescribeInstances',
        eventSource: index % 3 === 0 ? 'iam.amazonaws.com' : 'ec2.amazonaws.com',
        eventTime: new Date(Date.parse('2026-05-01T00:00:00Z') + index * 1000).toISOString(),
        userAgent: index === 0 ? '\u202Eevil\u200B <!channel> password=hunter2hunter2' : 'aws-cli',
        awsRegion: 'eu-central-1',
      },
      { sourceId: 'simulated', sourceLabel: 'simulated' },
      ids,
    ),
  );
  await lake.addCloudTrail(rows);
  const panther = createPanther({ lake, seed: 1, token, clock: () => new Date(), alerts: [], rules });
  const faults = new FaultBoard();
  const service: RunningService = await startService('panther', 0, panther.handler, faults);
  const ports: Tenant['ports'] = ({ signal, baseUrl = service.url, token: given = token, queries, defaults } = {}) => {
    const connections = { panther: { baseUrl, token: given, defaults } };
    return createTestPorts({ connections, signal, queries, speed: 20 });
  };
  return {
    url: service.url,
    panther,
    faults,
    ports,
    run: async (operation, input, given = ports()) => runOperation(operation as Operation, given, input),
    started: () => panther.requests.flatMap((request) => (request.sql === undefined ? [] : [request.sql])),
    close: async () => {
      await service.close();
      lake.close();
    },
  };
}
