import type {
  ICredentialDataDecryptedObject,
  IDataObject,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { InvalidInputError, OperationError } from '../../operations/errors';
import { refuseAbsurdSize } from '../../operations/investigation/alert-fields';
import { type DeliveredAlert, readDeliveredAlert } from '../../operations/panther/delivered-alert';
import { type Answer, acceptedIn, Deliveries } from './deliveries';
import { type HandedOver, handOver } from './hand-over';
import { carriesSecret, webhookSecretOf } from './webhook-secret';

export const webhookCredential = 'pantherWebhookApi';

/** As much as the bridge takes unless it is set up otherwise. */
const maxBytes = 8 * 1024 * 1024;
/** When Panther is asked to try again. */
const retryAfterSeconds = '30';

const deliveries = new Deliveries(() => Date.now());

export interface ReceiveSettings {
  handOver: boolean;
  /** Start the workflow for what the destination's test button sends. */
  startOnTests: boolean;
  /** Start the workflow again for an alert that was accepted before. */
  startOnRepeats: boolean;
}

/**
 * One delivery of Panther's webhook destination: who sends it, then what, then whether it is new, then the bridge. Only
 * an alert that starts the workflow is left to n8n to answer, which it does once it has stored the execution; everything
 * else is answered here. Never throws: n8n would record an execution for whatever a stranger sends.
 */
export async function receiveAlert(
  context: IWebhookFunctions,
  settings: ReceiveSettings,
): Promise<IWebhookResponseData> {
  const response: Answer = context.getResponseObject();
  try {
    return await receive(context, response, settings);
  } catch (error) {
    if (error instanceof InvalidInputError) return answer(response, 400, problem(error));
    const message = error instanceof Error ? error.message : String(error);
    context.logger.error('an alert of Panther could not be taken; Panther will send it again', { problem: message });
    return answer(response, 503, { code: 'unavailable', message: 'The alert could not be taken. Send it again.' });
  }
}

async function receive(
  context: IWebhookFunctions,
  response: Answer,
  settings: ReceiveSettings,
): Promise<IWebhookResponseData> {
  if (!carriesSecret(context.getHeaderData(), webhookSecretOf(await credentialOf(context)))) {
    return answer(response, 401, { code: 'unauthenticated', message: 'Unauthorized' });
  }
  const body = await readBody(context);
  if ('refusal' in body) return answer(response, body.status, { code: 'invalid_input', message: body.refusal });
  refuseAbsurdSize(body.value);
  const alert = readDeliveredAlert(body.value);
  // Whoever listens for a test event in the editor wants to see it, be it a test or a repeat.
  const listening = context.getMode() === 'manual';
  if (alert.test && !settings.startOnTests && !listening) {
    return answer(response, 200, { accepted: true, test: true, alert_id: alert.alert_id });
  }
  if (!listening && !alert.test && !settings.startOnRepeats) {
    const repeat = await repeated(context, response, alert);
    if (repeat !== undefined) return repeat;
  }
  return start(context, response, settings, alert, body.text);
}

/** The answer to a delivery of an alert that is known already; undefined when it has to be taken. */
async function repeated(
  context: IWebhookFunctions,
  response: Answer,
  alert: DeliveredAlert,
): Promise<IWebhookResponseData | undefined> {
  const known = { accepted: true, duplicate: true, alert_id: alert.alert_id };
  const accepted = acceptedIn(context.getWorkflowStaticData('node'), Date.now());
  if (Object.hasOwn(accepted, alert.alert_id)) return answer(response, 200, known);
  const key = JSON.stringify([context.getWorkflow().id, context.getNode().id, alert.alert_id]);
  const claim = await deliveries.claim(key, response);
  if (claim === 'accepted') return answer(response, 200, known);
  if (claim === 'first') return undefined;
  throw new OperationError('unavailable', 'another delivery of the same alert has just failed');
}

async function start(
  context: IWebhookFunctions,
  response: Answer,
  settings: ReceiveSettings,
  alert: DeliveredAlert,
  text: string,
): Promise<IWebhookResponseData> {
  let taken: (HandedOver & { taken: true }) | undefined;
  // Panther's test alert, looked at in the editor, is no case.
  if (settings.handOver && !(alert.test && context.getMode() === 'manual')) {
    const outcome = await handOver(context, text);
    if (!outcome.taken) return answer(response, 400, { code: 'invalid_input', message: outcome.message });
    taken = outcome;
  }
  remember(context, alert);
  const ofCase = taken === undefined ? {} : { case_id: taken.case_id, case_created: taken.created };
  return {
    workflowData: [[{ json: { ...alert, ...ofCase } as unknown as IDataObject }]],
    webhookResponse: { accepted: true, alert_id: alert.alert_id, ...ofCase },
  };
}

/**
 * n8n saves static data after it has stored the execution and before it answers, so an alert is never marked that was
 * not accepted. Two deliveries at once may overwrite each other's mark; then a repeat passes.
 */
function remember(context: IWebhookFunctions, alert: DeliveredAlert): void {
  if (context.getMode() === 'manual' || alert.test) return;
  const data = context.getWorkflowStaticData('node');
  const now = Date.now();
  data.accepted = { ...acceptedIn(data, now), [alert.alert_id]: now };
}

async function credentialOf(context: IWebhookFunctions): Promise<ICredentialDataDecryptedObject | undefined> {
  if (context.getNode().credentials?.[webhookCredential] === undefined) return undefined;
  return context.getCredentials<ICredentialDataDecryptedObject>(webhookCredential);
}

type Body = { value: unknown; text: string } | { status: number; refusal: string };

const notJson = { status: 400, refusal: 'body: is no JSON in UTF-8' };

/** Read here, and not by n8n, so that a stranger's body is never read and a malformed one is answered with 400. */
async function readBody(context: IWebhookFunctions): Promise<Body> {
  const request = context.getRequestObject();
  const type = String(request.headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (type !== 'application/json' && !(type ?? '').endsWith('+json')) {
    return { status: 415, refusal: 'Content-Type: send application/json' };
  }
  const tooLarge = { status: 413, refusal: `body: has more than ${maxBytes} bytes` };
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  if (request.rawBody === undefined) {
    try {
      await request.readRawBody();
    } catch (error) {
      // n8n's own limit, and a body that is not compressed as it says: sent again, it would be the same.
      const { status, code } = error as { status?: unknown; code?: unknown };
      if (status === 413) return tooLarge;
      if (typeof code === 'string' && code.startsWith('Z_')) return notJson;
      throw error;
    }
  }
  const bytes: Buffer | undefined = request.rawBody;
  if (bytes !== undefined && bytes.length > maxBytes) return tooLarge;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    return notJson;
  }
}

function problem(error: InvalidInputError): Record<string, unknown> {
  return { code: error.code, message: error.message, field: error.field };
}

function answer(response: Answer, status: number, body: Record<string, unknown>): IWebhookResponseData {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 503 ? { 'retry-after': retryAfterSeconds } : {}),
    // What was not read is not worth reading.
    ...(status === 401 || status === 413 ? { connection: 'close' } : {}),
  });
  response.end(JSON.stringify(body));
  return { noWebhookResponse: true };
}

/** The node's parameters; what is not set is off. */
export function receiveSettings(parameter: (name: string, fallback: unknown) => unknown): ReceiveSettings {
  const options = parameter('settings', {}) as Record<string, unknown> | null;
  return {
    handOver: parameter('handOver', false) === true,
    startOnTests: options?.startOnTests === true,
    startOnRepeats: options?.startOnRepeats === true,
  };
}
