import { checkBlocks, isObject } from './block-limits';
import { invalidArguments, type SlackCall, SlackError } from './call';
import { viewEntity } from './interaction-payload';
import type { MethodTable } from './methods';
import type { Json, SlackState, SlackView } from './state';

const MAX_VIEW_BYTES = 250_000;
const MAX_VIEW_BLOCKS = 100;
const MAX_STACK = 3;
/** How long a click lets the app open something. */
const TRIGGER_MS = 3000;

/** Checks a modal. Throws SlackError as Slack would answer. */
export function checkedView(state: SlackState, view: unknown): Json {
  if (!isObject(view)) throw invalidArguments('missing required field: view');
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) throw new SlackError('view_too_large');
  const problems: string[] = [];
  const most = (name: string, text: unknown, limit: number): void => {
    if (text !== undefined && (typeof text !== 'string' || text.length > limit))
      problems.push(`must be less than ${limit + 1} characters [json-pointer:/view/${name}]`);
  };
  if (view.type !== 'modal') problems.push('unsupported type [json-pointer:/view/type]');
  if (!isObject(view.title) || view.title.type !== 'plain_text')
    problems.push('missing required field: title [json-pointer:/view/title]');
  for (const name of ['title', 'submit', 'close']) if (isObject(view[name])) most(`${name}/text`, view[name].text, 24);
  most('private_metadata', view.private_metadata, 3000);
  most('callback_id', view.callback_id, 255);
  const blocks = Array.isArray(view.blocks) ? view.blocks : undefined;
  if (!blocks) problems.push('missing required field: blocks [json-pointer:/view/blocks]');
  for (const { pointer, message } of checkBlocks(blocks ?? [], MAX_VIEW_BLOCKS, 'modal'))
    problems.push(`${message} [json-pointer:/view${pointer}]`);
  if (blocks?.some((block) => isObject(block) && block.type === 'input') && !isObject(view.submit))
    problems.push('missing required field: submit [json-pointer:/view/submit]');
  if (problems.length > 0) throw invalidArguments(...problems);
  return {
    ...view,
    blocks: (blocks as Json[]).map((block) => ({ ...block, block_id: block.block_id ?? newBlockId(state) })),
  };
}

const newBlockId = (state: SlackState) => state.nextId('b').slice(0, 6);

export function newView(state: SlackState, user: string, given: Json, below?: SlackView): SlackView {
  const id = state.nextId('V');
  return {
    id,
    user,
    given,
    hash: `${state.now()}.${id.slice(1)}`,
    rootId: below?.rootId ?? id,
    ...(below ? { previousId: below.id } : {}),
    errors: {},
  };
}

function spendTrigger(call: SlackCall): string {
  const trigger = call.state.triggers.get(call.required('trigger_id'));
  if (!trigger) throw new SlackError('invalid_trigger_id');
  if (trigger.used) throw new SlackError('exchanged_trigger_id');
  if (call.state.realNow() - trigger.at > TRIGGER_MS) throw new SlackError('expired_trigger_id');
  trigger.used = true;
  return trigger.user;
}

function open(call: SlackCall) {
  const { state } = call;
  const given = checkedView(state, call.json('view', 'invalid_arguments'));
  const user = spendTrigger(call);
  // A new modal takes the place of whatever stack was open.
  state.views = state.views.filter((view) => view.user !== user);
  const view = newView(state, user, given);
  state.views.push(view);
  state.changed();
  return { view: viewEntity(view) };
}

function push(call: SlackCall) {
  const { state } = call;
  const given = checkedView(state, call.json('view', 'invalid_arguments'));
  const user = spendTrigger(call);
  const below = state.topView(user);
  if (!below) throw new SlackError('not_found');
  if (state.views.filter((view) => view.user === user).length >= MAX_STACK) throw new SlackError('push_limit_reached');
  const view = newView(state, user, given, below);
  state.views.push(view);
  state.changed();
  return { view: viewEntity(view) };
}

function update(call: SlackCall) {
  const { state } = call;
  const [id, externalId] = [call.text('view_id'), call.text('external_id')];
  if (id === undefined && externalId === undefined) throw invalidArguments('missing required field: view_id');
  const view = state.views.find((entry) => entry.id === id || (externalId && entry.given.external_id === externalId));
  if (!view) throw new SlackError('not_found');
  if (call.has('hash') && call.text('hash') !== view.hash) throw new SlackError('hash_conflict');
  replaceView(state, view, checkedView(state, call.json('view', 'invalid_arguments')));
  return { view: viewEntity(view) };
}

export function replaceView(state: SlackState, view: SlackView, given: Json): void {
  view.given = given;
  view.errors = {};
  view.hash = `${state.now()}.${state.nextId('').slice(0, 8)}`;
  state.changed();
}

export const VIEW_METHODS: MethodTable = {
  'views.open': { json: true, scopes: [], run: open },
  'views.push': { json: true, scopes: [], run: push },
  'views.update': { json: true, scopes: [], run: update },
};
