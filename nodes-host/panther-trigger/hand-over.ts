import { z } from 'zod';
import { BadResponseError, OperationError, UnavailableError } from '../../operations/errors';
import { ConnectionError, type HttpResponse } from '../../operations/ports';
import { cleanLine } from '../../operations/text';
import { type CallContext, connectionOf } from '../credentials';
import { sendRequest } from '../send-request';

const bridge = 'The SOC bridge';
/** Panther waits for the answer; it tries again later anyway. */
const timeoutMs = 15_000;

const openedSchema = z.object({ case_id: z.string().max(128), created: z.boolean() });
const refusalSchema = z.object({ message: z.string(), field: z.string().nullish() });

export type HandedOver =
  | { taken: true; case_id: string; created: boolean }
  /** The bridge keeps it among its malformed alerts; sending it again changes nothing. */
  | { taken: false; message: string };

/**
 * Posts an alert to the bridge's intake, which answers once it is stored. Throws UnavailableError and other
 * OperationErrors when it is not known to be stored: then the sender has to try again.
 */
export async function handOver(context: CallContext, alert: string): Promise<HandedOver> {
  const { baseUrl } = await connectionOf(context, 'bridge');
  let response: HttpResponse;
  try {
    response = await sendRequest(context, 'bridge', {
      method: 'POST',
      url: `${baseUrl}/alerts`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: alert,
      timeoutMs,
      maxBytes: 64 * 1024,
    });
  } catch (error) {
    if (error instanceof ConnectionError) throw new UnavailableError(bridge, error.message, { connection: error.kind });
    throw error;
  }
  const body = parsed(response.body);
  if (response.status === 202) {
    const opened = openedSchema.safeParse(body);
    if (!opened.success)
      throw new BadResponseError(bridge, 'it accepted an alert without naming the case', { status: 202 });
    return { taken: true, case_id: opened.data.case_id, created: opened.data.created };
  }
  if (response.status === 400 || response.status === 413) {
    const refusal = refusalSchema.safeParse(body);
    return { taken: false, message: refusal.success ? cleanLine(refusal.data.message, 300) : 'The alert was refused.' };
  }
  if (response.status === 401 || response.status === 403) {
    throw new OperationError('unauthenticated', `${bridge} refused the token of the SOC Bridge credential.`, {
      status: response.status,
    });
  }
  throw new UnavailableError(bridge, `it answered ${response.status}`, { status: response.status });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
