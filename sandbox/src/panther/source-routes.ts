import type { ServiceResponse } from '../service';
import { logSources } from './log-sources';
import { ForbiddenError, HttpError } from './rest-answers';
import type { RestContext } from './rest-api';

/** The drop-off alarm of a log source; undefined for other calls. `call` is the method and the path with `:id`. */
export async function sourceRoute(
  call: string,
  id: string | undefined,
  { lake, clock, settings }: RestContext,
): Promise<ServiceResponse | undefined> {
  const [, type] = /^GET log-source-alarms\/:id\/(\w+)$/.exec(call) ?? [];
  if (type === undefined) return undefined;
  if (!settings.permissions.includes('LogSourceRead')) throw new ForbiddenError();
  if (type !== 'SOURCE_NO_DATA') throw new HttpError(400, `unknown alarm type: ${type}`);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id ?? '')) throw new HttpError(400, 'sourceId is no UUID');
  const source = (await logSources(lake, clock())).find(({ integrationId }) => integrationId === id);
  if (!source?.alarm) throw new HttpError(404, 'alarm not found');
  return { status: 200, body: source.alarm };
}
