import {
  type Implementation,
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';

/** How a request of the protocol ended: what it was, the code it failed with, and how many milliseconds it took. */
export type TellMethod = (method: string, errorCode: number | null, durationMs: number) => void;

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/**
 * The SDK's server, which tells of every request that one of its handlers answered. Calls of tools are told by those who
 * run them, and only here when there was none to run.
 */
export class MeasuredServer extends Server {
  constructor(
    info: Implementation,
    options: ServerOptions,
    private readonly tell: TellMethod,
  ) {
    super(info, options);
  }

  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler);
    return async (request, context) => {
      const begun = performance.now();
      try {
        const result = await wrapped(request, context);
        if (method !== 'tools/call') this.tell(method, null, performance.now() - begun);
        return result;
      } catch (error) {
        const code = error instanceof ProtocolError ? error.code : ProtocolErrorCode.InternalError;
        this.tell(method, code, performance.now() - begun);
        throw error;
      }
    };
  }
}
