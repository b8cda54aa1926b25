import { type Operation, runOperation } from '../../../operations/operation';
import { FaultBoard } from '../../../sandbox/src/faults';
import type { StoredAlert } from '../../../sandbox/src/panther/alert-store';
import type { CloudTrailRow } from '../../../sandbox/src/panther/cloudtrail-row';
import type { Lake } from '../../../sandbox/src/panther/lake';
import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { type ServiceHandler, startService } from '../../../sandbox/src/service';
import { createTestPorts, type TestPorts } from '../../support/ports';
import { type Answer, ask } from '../sandbox/ask';

export const token = 'simulated-panther-token';
/** Every id is 32 hexadecimal characters, as Panther's are. */
export const idOf = (index: number): string => index.toString(16).padStart(32, '0');
export const unknownId = 'f'.repeat(32);
export const hourMs = 3_600_000;

/** A tenant of the Panther stand-in that has alerts and nothing else, on loopback. */
export interface AlertTenant {
  url: string;
  panther: Panther;
  faults: FaultBoard;
  ports(options?: { signal?: AbortSignal }): TestPorts;
  run(operation: unknown, input: unknown, ports?: TestPorts): Promise<Answers>;
  /** Asks the stand-in past its faults and its wire: what another client does in the meantime. */
  meanwhile(target: string, method?: string, body?: unknown): Promise<Answer>;
  /** Called with every request before it is handled; may do something in the meantime. */
  before(hook: (request: { method: string; path: string; body: string }) => Promise<void> | void): void;
  reset(): void;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: each test states what it expects in an output
export type Answers = Record<string, any>;

export function storedAlert(index: number, more: Partial<StoredAlert> = {}): StoredAlert {
  const [rule] = SAMPLE_RULES;
  if (rule === undefined) throw new Error('the stand-in has no rules');
  return {
    id: idOf(index),
    title: `Alert ${index}`,
    severity: 'HIGH',
    rule,
    createdAt: new Date(Date.now() - index * hourMs).toISOString(),
    events: eventsOf(index, 1),
    context: { index },
    status: 'OPEN',
    contextTags: [],
    ...more,
  };
}

export function eventsOf(alert: number, count: number, more: CloudTrailRow = {}): CloudTrailRow[] {
  return Array.from({ length: count }, (_, index) => ({
    p_row_id: `${alert}-${index}`,
    p_event_time: `2026-03-18 10:00:${String(index % 60).padStart(2, '0')}.000`,
    p_source_label: 'simulated tenant',
    eventName: 'StopLogging',
    ...more,
  }));
}

export async function startAlertTenant(alerts: readonly StoredAlert[]): Promise<AlertTenant> {
  const panther = createPanther({
    // Nothing here asks the lake anything.
    lake: {} as Lake,
    seed: 1,
    token,
    clock: () => new Date(),
    alerts,
    rules: SAMPLE_RULES,
  });
  const faults = new FaultBoard();
  let hook: Parameters<AlertTenant['before']>[0] = () => undefined;
  const handler: ServiceHandler = async (request, raw) => {
    await hook({ method: request.method, path: request.path, body: request.body.toString('utf8') });
    return panther.handler(request, raw);
  };
  const service = await startService('panther', 0, handler, faults);
  const ports: AlertTenant['ports'] = ({ signal } = {}) =>
    createTestPorts({ connections: { panther: { baseUrl: service.url, token } }, signal, speed: 20 });
  return {
    url: service.url,
    panther,
    faults,
    ports,
    run: async (operation, input, given = ports()) => runOperation(operation as Operation, given, input),
    meanwhile: (target, method = 'GET', body) =>
      ask(panther.handler, target, {
        method,
        headers: { 'x-api-key': token },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    before: (next) => {
      hook = next;
    },
    reset: () => {
      panther.reset();
      faults.clear();
      hook = () => undefined;
    },
    close: () => service.close(),
  };
}
