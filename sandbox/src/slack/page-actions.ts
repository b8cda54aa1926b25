import type { ServiceRequest, ServiceResponse } from '../service';
import { isObject } from './block-limits';
import { valuesOf } from './control-routes';
import { type Interactions, NoSuchThing } from './interactions';
import type { Json } from './state';

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** What a person does on the page: click, submit, close. Undefined for every other request. */
export async function answerPageAction(
  request: ServiceRequest,
  interactions: Interactions,
): Promise<ServiceResponse | undefined> {
  const action = /^\/page\/(click|submit|close)$/.exec(request.path)?.[1];
  if (action === undefined || request.method !== 'POST') return undefined;
  // A form of another site cannot send JSON without asking first, and is not answered when it asks.
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return { status: 415, headers: HEADERS, body: { message: 'send application/json' } };
  try {
    const body = parsed(request);
    return { status: 200, headers: HEADERS, body: await perform(action, body, interactions) };
  } catch (error) {
    if (error instanceof NoSuchThing || error instanceof SyntaxError)
      return { status: 404, headers: HEADERS, body: { message: error.message } };
    throw error;
  }
}

function parsed(request: ServiceRequest): Json {
  const body: unknown = JSON.parse(request.body.toString('utf8'));
  if (!isObject(body)) throw new SyntaxError('the body is not a JSON object');
  return body;
}

/** The page itself needs no more than whether it worked: addresses and triggers are for the app. */
async function perform(action: string, body: Json, interactions: Interactions): Promise<object> {
  const user = String(body.user);
  if (action === 'click') {
    const { acknowledged, warning } = await interactions.click({
      user,
      channel: String(body.channel),
      ts: String(body.ts),
      actionId: String(body.action_id),
      blockId: String(body.block_id),
      ...(typeof body.chosen === 'string' ? { chosen: body.chosen } : {}),
    });
    return { acknowledged, warning };
  }
  if (action === 'submit') {
    const { acknowledged, errors, warning } = await interactions.submit(user, valuesOf(body.values));
    return { acknowledged, errors, warning };
  }
  await interactions.close(user);
  return {};
}
