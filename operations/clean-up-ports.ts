import type { Ports } from './ports';

/** The same ports after an abort: for the one call that tidies up behind a cancelled operation. */
export function portsForCleanUp(ports: Ports): Ports {
  return overriding(ports, { signal: new AbortController().signal });
}

/**
 * The same ports, but a request under way is not cut by an abort. For short mutations whose answer must not be lost,
 * such as the id of a query that has just started; waits between tries still end at once.
 */
export function portsThatFinishRequests(ports: Ports): Ports {
  return overriding(ports, { http: (request) => ports.http({ ...request, signal: undefined }) });
}

/** The same ports, whose work also ends when `signal` aborts. */
export function portsEndedBy(ports: Ports, signal: AbortSignal): Ports {
  return overriding(ports, { signal: AbortSignal.any([ports.signal, signal]) });
}

/** The same ports with other members. Written out member by member: a host may implement Ports as a class, whose methods a spread would lose. */
export function overriding(ports: Ports, changes: Partial<Ports>): Ports {
  return {
    http: (request) => ports.http(request),
    connection: (service) => ports.connection(service),
    sleep: (ms, signal) => ports.sleep(ms, signal),
    now: () => ports.now(),
    random: () => ports.random(),
    log: ports.log,
    signal: ports.signal,
    progress: (message, done, total) => ports.progress(message, done, total),
    cases: ports.cases,
    approvals: ports.approvals,
    escalations: ports.escalations,
    queries: ports.queries,
    ...changes,
  };
}
