import { OperationError } from '../../../operations/errors';
import { type Operation, runOperation } from '../../../operations/operation';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type ServiceRequest, type ServiceResponse, startService } from '../../../sandbox/src/service';
import { createTestPorts, type TestPorts } from '../../support/ports';

/** A request as a test looks at it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

/** A server that answers as the test says, for answers that a well-behaved Panther does not give. */
export interface Answering {
  /** Set before each test; throws for what was not expected. */
  answer: (request: Seen) => ServiceResponse;
  seen: Seen[];
  ports(options?: { signal?: AbortSignal; now?: () => Date }): TestPorts;
  run(operation: unknown, input: unknown, ports?: TestPorts): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function startAnswering(): Promise<Answering> {
  const server: Answering = {
    answer: () => ({ status: 500, body: { message: 'the test gave no answer' } }),
    seen: [],
    ports: (options = {}) =>
      createTestPorts({ connections: { panther: { baseUrl: service.url, token: 't' } }, speed: 20, ...options }),
    run: async (operation, input, ports = server.ports()) => runOperation(operation as Operation, ports, input),
    close: () => service.close(),
  };
  const service = await startService(
    'panther',
    0,
    async (request: ServiceRequest) => {
      const { method, path, query } = request;
      const seen = { method, path, query, body: request.body.toString('utf8') };
      server.seen.push(seen);
      return server.answer(seen);
    },
    new FaultBoard(),
  );
  return server;
}

/** What a call fails with, as it travels. */
export async function failureOf(call: Promise<unknown>) {
  const error = await call.then(
    (output) => {
      throw new Error(`no failure: ${JSON.stringify(output).slice(0, 300)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationError)) throw error;
  return error.toShape();
}

export const notFound: ServiceResponse = { status: 404, body: { message: 'not found' } };
