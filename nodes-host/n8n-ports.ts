import { type IDataObject, sleep } from 'n8n-workflow';
import { CancelledError } from '../operations/errors';
import type { Connection, Log, Ports, Service } from '../operations/ports';
import { type CallContext, connectionOf, targetOf } from './credentials';
import { queryMemory } from './query-memory';
import { sendRequest } from './send-request';

/** n8n's side of the ports, for one execution of one node. The case store is not here: only the bridge has it. */
export function n8nPorts(context: CallContext): Ports {
  const signal = context.getExecutionCancelSignal?.() ?? new AbortController().signal;
  const connections = new Map<Service, Promise<Connection>>();
  const log = n8nLog(context);
  return {
    http: ({ service, ...request }) => sendRequest(context, targetOf(service), request),
    connection(service) {
      const known = connections.get(service) ?? connectionOf(context, targetOf(service));
      connections.set(service, known);
      return known;
    },
    sleep: (ms, own) => abortableSleep(ms, own ?? signal),
    now: () => new Date(),
    random: () => Math.random(),
    log,
    signal,
    progress: (message, done, total) => log.debug(message, { done, total }),
    queries: queryMemory,
  };
}

/** Resolves after `ms`; rejects with CancelledError at once when the signal aborts. */
async function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new CancelledError('The wait');
  await new Promise<void>((resolve, reject) => {
    const cancel = () => reject(new CancelledError('The wait'));
    signal.addEventListener('abort', cancel, { once: true });
    // Older versions of n8n ignore the signal here: the wait still ends at once, only their timer runs on.
    sleep(ms, signal).then(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, cancel);
  });
}

function n8nLog(context: CallContext): Log {
  const withNode = (fields: Record<string, unknown> = {}) =>
    ({ node: context.getNode().name, ...fields }) as IDataObject;
  return {
    debug: (message, fields) => context.logger.debug(message, withNode(fields)),
    info: (message, fields) => context.logger.info(message, withNode(fields)),
    warn: (message, fields) => context.logger.warn(message, withNode(fields)),
  };
}
