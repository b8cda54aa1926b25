import type { Ports } from '../../../operations/ports';
import type { CallLog } from './call-log';
import type { Logger } from './logging';

/** What differs from call to call. */
export interface CallContext {
  signal: AbortSignal;
  logger?: Logger;
  /** In the place of `logger`, for a call that makes its logger when it needs one. */
  log?: Pick<CallLog, 'logger'>;
  progress?: Ports['progress'];
  /** How far the call pushes the lease of the case it works on, in milliseconds. */
  caseLeaseMs?: number;
  /** Whom the transport authenticated; undefined for the bridge's one token. */
  principal?: string;
}

type Made = 'log' | 'cases' | 'hunts' | 'escalations' | 'packages' | 'approvals' | 'responses';

/** The ports that are the same for every call, and how the others are made for one. */
export type PortSources = Omit<Ports, Made | 'signal' | 'progress'> & {
  [Name in Made]: (call: CallContext, ports: Ports) => Ports[Name];
};

const ignore = (): void => {};

/**
 * The ports of one call. Parts that most calls do not ask for are made when they do. A class, because each call of a tool makes
 * one, and an object with ten getters of its own costs more than the rest of a short call; whoever changes some of them for
 * somebody else uses `portsWith`, as a spread would leave them behind.
 */
export class CallPorts implements Ports {
  readonly http: Ports['http'];
  readonly connection: Ports['connection'];
  readonly sleep: Ports['sleep'];
  readonly now: Ports['now'];
  readonly random: Ports['random'];
  readonly queries: Ports['queries'];
  readonly model: Ports['model'];
  readonly signal: AbortSignal;
  readonly progress: Ports['progress'];
  private kept: Partial<Pick<Ports, Made>> | undefined = undefined;

  constructor(
    private readonly sources: PortSources,
    private readonly call: CallContext,
  ) {
    this.http = sources.http;
    this.connection = sources.connection;
    this.sleep = sources.sleep;
    this.now = sources.now;
    this.random = sources.random;
    this.queries = sources.queries;
    this.model = sources.model;
    this.signal = call.signal;
    this.progress = call.progress ?? ignore;
  }

  get log(): Ports['log'] {
    this.made.log ??= this.sources.log(this.call, this);
    return this.made.log;
  }

  get cases(): Ports['cases'] {
    this.made.cases ??= this.sources.cases(this.call, this);
    return this.made.cases;
  }

  get hunts(): Ports['hunts'] {
    this.made.hunts ??= this.sources.hunts(this.call, this);
    return this.made.hunts;
  }

  get escalations(): Ports['escalations'] {
    this.made.escalations ??= this.sources.escalations(this.call, this);
    return this.made.escalations;
  }

  get packages(): Ports['packages'] {
    this.made.packages ??= this.sources.packages(this.call, this);
    return this.made.packages;
  }

  get approvals(): Ports['approvals'] {
    this.made.approvals ??= this.sources.approvals(this.call, this);
    return this.made.approvals;
  }

  get responses(): Ports['responses'] {
    this.made.responses ??= this.sources.responses(this.call, this);
    return this.made.responses;
  }

  private get made(): Partial<Pick<Ports, Made>> {
    this.kept ??= {};
    return this.kept;
  }
}
