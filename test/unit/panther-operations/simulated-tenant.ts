import { init } from '@polyglot-sql/sdk';
import { type Operation, runOperation } from '../../../operations/operation';
import { FaultBoard } from '../../../sandbox/src/faults';
import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { openTenant } from '../../../sandbox/src/panther/tenant';
import { startService } from '../../../sandbox/src/service';
import { createTestPorts, type TestConnection, type TestPorts, type TestPortsOptions } from '../../support/ports';

const token = 'simulated-panther-token';

// biome-ignore lint/suspicious/noExplicitAny: each test states what it expects in an output
export type Output = Record<string, any>;

/** The generated tenant of the sandbox, two days of it, with all its tables, schemas and alerts. */
export interface SimulatedTenant {
  panther: Panther;
  faults: FaultBoard;
  alertId: string;
  ports(
    options?: Pick<TestPortsOptions, 'signal' | 'speed' | 'clockOfWaits'> & Partial<Pick<TestConnection, 'defaults'>>,
  ): TestPorts;
  run(operation: unknown, input: unknown, ports?: TestPorts): Promise<Output>;
  /** Names of the GraphQL operations and paths that were asked for, in order. */
  asked(): string[];
  reset(): void;
  close(): Promise<void>;
}

export async function startSimulatedTenant(): Promise<SimulatedTenant> {
  await init();
  const clock = (): Date => new Date();
  const tenant = await openTenant({ seed: 7, baseTime: new Date(), clock, days: 2 });
  const panther = createPanther({
    lake: tenant.lake,
    seed: 7,
    token,
    clock,
    alerts: tenant.alerts,
    rules: SAMPLE_RULES,
  });
  const faults = new FaultBoard();
  const service = await startService('panther', 0, panther.handler, faults);
  const ports: SimulatedTenant['ports'] = ({ signal, defaults, speed = 20, clockOfWaits = true } = {}) =>
    createTestPorts({
      connections: { panther: { baseUrl: service.url, token, defaults } },
      signal,
      speed,
      clockOfWaits,
    });
  return {
    panther,
    faults,
    alertId: tenant.sampleAlert?.id ?? '',
    ports,
    run: async (operation, input, given = ports()) => runOperation(operation as Operation, given, input),
    asked: () => panther.requests.map((request) => request.operation ?? request.path),
    reset: () => {
      panther.reset();
      faults.clear();
    },
    close: async () => {
      await service.close();
      tenant.lake.close();
    },
  };
}
