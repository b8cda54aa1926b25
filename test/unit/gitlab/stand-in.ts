import type { ErrorShape } from '../../../operations/errors';
import { OperationError } from '../../../operations/errors';
import { FaultBoard } from '../../../sandbox/src/faults';
import type { GitLabSettings } from '../../../sandbox/src/gitlab/access';
import { createGitLab, type GitLabStandIn } from '../../../sandbox/src/gitlab/server';
import { type RunningService, type ServiceHandler, startService } from '../../../sandbox/src/service';
import { createTestPorts, type TestPorts } from '../../support/ports';

export const seed = 42;
export const baseTime = new Date('2026-11-22T12:00:00Z');
const token = 'simulated-token';

export interface StandIn {
  service: RunningService;
  faults: FaultBoard;
  gitlab: GitLabStandIn;
  /** Address as a credential would have it, with the sub-path. */
  baseUrl: string;
  ports(
    defaults?: Record<string, string>,
    over?: Partial<{ token: string; baseUrl: string; signal: AbortSignal }>,
  ): TestPorts;
  close(): Promise<void>;
}

/** The sandbox's GitLab on a real socket, at the root or below a path, as a current or an older server. */
export async function startStandIn(
  options: { olderServer?: boolean; subPath?: string; settings?: Partial<GitLabSettings> } = {},
): Promise<StandIn> {
  const subPath = options.subPath ?? '';
  const faults = new FaultBoard();
  let baseUrl = '';
  const gitlab = createGitLab({
    seed,
    baseTime,
    token,
    publicUrl: () => baseUrl,
    olderServer: options.olderServer,
    settings: options.settings,
  });
  const handler: ServiceHandler = async (request, raw) => {
    if (!request.path.startsWith(subPath)) return { status: 404, body: 'nothing here' };
    return gitlab.handler({ ...request, path: request.path.slice(subPath.length) }, raw);
  };
  const service = await startService('gitlab', 0, handler, faults);
  baseUrl = `${service.url}${subPath}`;
  const startedAt = Date.now();
  return {
    service,
    faults,
    gitlab,
    baseUrl,
    ports: (defaults = {}, over = {}) =>
      createTestPorts({
        connections: { gitlab: { baseUrl: over.baseUrl ?? baseUrl, token: over.token ?? token, defaults } },
        signal: over.signal,
        now: () => new Date(baseTime.getTime() + Date.now() - startedAt),
      }),
    close: () => service.close(),
  };
}

/** The error of a call that has to fail, as callers get it. */
export async function failure(call: Promise<unknown>): Promise<ErrorShape> {
  try {
    await call;
  } catch (error) {
    if (error instanceof OperationError) return error.toShape();
    throw error;
  }
  throw new Error('the call succeeded');
}
