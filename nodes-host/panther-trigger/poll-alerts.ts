import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { OperationError } from '../../operations/errors';
import { runOperation } from '../../operations/operation';
import { readListedAlert } from '../../operations/panther/delivered-alert';
import { listAlerts } from '../../operations/panther/list-alerts';
import type { Ports } from '../../operations/ports';
import { n8nPorts } from '../n8n-ports';
import { errorShape, toNodeError } from '../node-errors';
import { type Dated, Poll } from './poll-cursor';
import { type PollParameters, pollParameters } from './poll-parameters';
import { readPollState } from './poll-state';

/** Panther gives at most so many alerts in one page. */
const pageSize = 50;
/** Pages of what is known already are read too; this bounds one poll. */
const maxPages = 100;
const dayMs = 24 * 60 * 60 * 1000;

/** Tells this process from the one before a restart. */
const session = randomUUID();
const running = new Set<string>();

interface ListedAlert extends Dated {
  record: Record<string, unknown>;
}

/**
 * One poll of n8n: what is new, or null. The position is stored in the node's static data together with the alerts that
 * it covers, and only once everything has been read: a poll that fails changes nothing, and the next one reads the same
 * again. In the editor it gives the newest alert as a sample and leaves the position alone. Throws NodeApiError or
 * NodeOperationError.
 */
export async function pollAlerts(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
  const key = JSON.stringify([context.getWorkflow().id, context.getNode().id]);
  try {
    const given = pollParameters((name, fallback) => context.getNodeParameter(name, fallback));
    if (context.getMode() === 'manual') return [[await sample(context, given)]];
    // A poll that takes longer than the interval goes on; another beside it would hand on the same alerts.
    if (running.has(key)) return null;
    running.add(key);
    try {
      return await poll(context, given);
    } finally {
      running.delete(key);
    }
  } catch (error) {
    throw toNodeError(context.getNode(), errorShape(error, undefined), 0);
  }
}

async function poll(context: IPollFunctions, given: PollParameters): Promise<INodeExecutionData[][] | null> {
  const ports = n8nPorts(context);
  const data = context.getWorkflowStaticData('node');
  // n8n marks what it watches for changes. Static data without the mark is a durable cursor, which n8n stores in one
  // transaction with the execution: then a restart leaves nothing uncertain.
  const durable = !('__dataChanged' in data);
  const settings = { ...given, repeatAfterRestart: given.repeatAfterRestart && !durable };
  const current = new Poll<ListedAlert>(readPollState(plain(data.position)), session, Date.now(), settings);
  await readPages(ports, given, current);
  const batch = current.batch();
  const items = batch.map(({ alert, repeated }) => itemOf(alert, repeated));
  data.position = current.state() as unknown as IDataObject;
  return items.length === 0 ? null : [items];
}

async function readPages(ports: Ports, given: PollParameters, current: Poll<ListedAlert>): Promise<void> {
  for (let pages = 0; current.wantsMore && pages < maxPages; pages += 1) {
    const resumed = pages === 0 && current.next !== undefined;
    try {
      const { alerts, next } = await list(ports, given, current.from, current.next, pageSize);
      current.take(alerts, next);
    } catch (error) {
      // A cursor from an earlier poll may have expired.
      if (!resumed || !(error instanceof OperationError) || !expired.has(error.code)) throw error;
      ports.log.info('Panther no longer takes the cursor of the last poll; the list is read from its beginning');
      current.startOver();
    }
  }
}

const expired = new Set<OperationError['code']>([
  'invalid_input',
  'query_failed',
  'not_found_or_no_access',
  'bad_response',
]);

async function list(
  ports: Ports,
  given: PollParameters,
  from: number,
  cursor: string | undefined,
  limit: number,
): Promise<{ alerts: ListedAlert[]; next: string | null }> {
  const output = await runOperation(listAlerts, ports, {
    ...given.filters,
    created_after: new Date(from).toISOString(),
    // What a rule noted about its events is where an investigation begins.
    include_context: true,
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const alerts = output.alerts.map((record) => ({ id: record.id, createdAt: createdAt(record, from), record }));
  return { alerts, next: output.next };
}

/** An alert without a readable time is as old as the list may be: it is handed on, and moves nothing. */
function createdAt(record: Record<string, unknown>, from: number): number {
  const millis = Date.parse(String(record.created_at));
  return Number.isNaN(millis) ? from : millis;
}

async function sample(context: IPollFunctions, given: PollParameters): Promise<INodeExecutionData> {
  const ports = n8nPorts(context);
  const { alerts } = await list(ports, given, Date.now() - 30 * dayMs, undefined, 1);
  const [newest] = alerts;
  if (newest === undefined) {
    throw new OperationError(
      'invalid_input',
      'Panther has no alert of the last 30 days that these filters let through, so there is no sample to show',
    );
  }
  return itemOf(newest, false);
}

function itemOf({ record }: ListedAlert, repeated: boolean): INodeExecutionData {
  return { json: { ...readListedAlert(record), possibly_repeated: repeated } as unknown as IDataObject };
}

/** n8n's static data is a web of proxies; a copy of it is plain data. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
