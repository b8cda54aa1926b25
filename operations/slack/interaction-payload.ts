import { z } from 'zod';
import { InvalidInputError } from '../errors';

/** Who clicked or answered, as Slack signed it. */
export interface InteractionUser {
  /** `U...` or `W...`. */
  id: string;
  /** The handle; for people to read, never to decide by. */
  name: string | null;
  /** The workspace the account belongs to: another one than `team_id` for people of a shared channel. */
  team_id: string | null;
}

interface Common {
  user: InteractionUser;
  /** The workspace it happened in; null when the app is installed for a whole organisation. */
  team_id: string | null;
  app_id: string | null;
  /** Opens a modal, once, within three seconds. */
  trigger_id: string | null;
}

/** A click on a button. */
export interface BlockAction extends Common {
  kind: 'block_action';
  action_id: string;
  block_id: string;
  value: string | null;
  /** Unix seconds with a fraction, as text: one for each click. */
  action_ts: string;
  channel_id: string | null;
  /** The message with the button; null in a modal. */
  message_ts: string | null;
  thread_ts: string | null;
  /** Where this click can be answered without a token, for half an hour and five times: a secret. */
  response_url: string | null;
}

/** A modal was sent off, or closed without an answer (`view_closed`). */
export interface ViewAnswer extends Common {
  kind: 'view_submission' | 'view_closed';
  callback_id: string;
  view_id: string;
  private_metadata: string;
  /** Text of each input, or the value of what was chosen, by `block_id` and `action_id`; null where nothing was. */
  values: Record<string, Record<string, string | null>>;
}

/** Something we ask Slack for nowhere; it is acknowledged and left alone. */
export interface OtherInteraction {
  kind: 'other';
  /** Slack's name for it. */
  type: string;
}

export type Interaction = BlockAction | ViewAnswer | OtherInteraction;

const id = z.string().min(1).max(100);
const optionalText = (max: number) => z.string().max(max).nullish();
const user = z
  .object({ id, username: optionalText(200), name: optionalText(200), team_id: id.nullish() })
  .transform(({ id: userId, username, name, team_id: teamId }) => ({
    id: userId,
    name: username ?? name ?? null,
    team_id: teamId ?? null,
  }));
const common = {
  user,
  team: z.object({ id }).nullish(),
  api_app_id: id.nullish(),
  trigger_id: optionalText(300),
};

const blockActions = z.object({
  ...common,
  type: z.literal('block_actions'),
  container: z.object({ channel_id: id.nullish(), message_ts: id.nullish(), thread_ts: id.nullish() }).nullish(),
  channel: z.object({ id }).nullish(),
  message: z.object({ ts: id.nullish(), thread_ts: id.nullish() }).nullish(),
  response_url: optionalText(1000),
  actions: z
    .array(
      z.object({
        type: z.string(),
        action_id: z.string().min(1).max(255),
        block_id: z.string().min(1).max(255),
        action_ts: id,
        value: optionalText(2000),
      }),
    )
    .length(1, 'has to hold one action'),
});

/** The text, or which of several was chosen; what other inputs hold is none of ours. */
const inputState = z
  .object({
    value: z.string().max(10_000).nullish(),
    selected_option: z.object({ value: z.string().max(2000).nullish() }).nullish(),
  })
  .transform(({ value, selected_option: option }) => value ?? option?.value ?? null);
const viewAnswer = z.object({
  ...common,
  type: z.enum(['view_submission', 'view_closed']),
  view: z.object({
    id,
    callback_id: z.string().max(255).default(''),
    private_metadata: z.string().max(3000).default(''),
    state: z
      .object({ values: z.record(z.record(inputState)) })
      .nullish()
      .transform((state) => state?.values ?? {}),
  }),
});
const anything = z.object({ type: z.string().min(1).max(100) });

/** Deep or long payloads are refused before they are parsed; real ones stay far below. */
const longestPayload = 500_000;

/**
 * The interaction in a form-encoded body with the one field `payload`, as Slack sends it. Verify the signature first.
 * Throws InvalidInputError that names the field at fault.
 */
export function parseInteractionBody(rawBody: string): Interaction {
  const form = new URLSearchParams(rawBody);
  const payloads = form.getAll('payload');
  const [payload] = payloads;
  if (payload === undefined || payloads.length > 1) {
    throw new InvalidInputError('payload', 'the form has to hold it once');
  }
  if (payload.length > longestPayload)
    throw new InvalidInputError('payload', `longer than ${longestPayload} characters`);
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    throw new InvalidInputError('payload', 'not JSON');
  }
  return parseInteraction(value);
}

/** The same for the payload itself, as Socket Mode delivers it. Throws InvalidInputError that names the field at fault. */
export function parseInteraction(payload: unknown): Interaction {
  const { type } = checked(anything, payload);
  if (type === 'block_actions') return toBlockAction(checked(blockActions, payload));
  if (type === 'view_submission' || type === 'view_closed') return toViewAnswer(checked(viewAnswer, payload));
  return { kind: 'other', type };
}

function toBlockAction(payload: z.output<typeof blockActions>): BlockAction {
  const { container, channel, message } = payload;
  const [action] = payload.actions;
  if (action === undefined) throw new InvalidInputError('payload.actions', 'has to hold one action');
  return {
    kind: 'block_action',
    ...commonOf(payload),
    action_id: action.action_id,
    block_id: action.block_id,
    value: action.value ?? null,
    action_ts: action.action_ts,
    channel_id: channel?.id ?? container?.channel_id ?? null,
    message_ts: message?.ts ?? container?.message_ts ?? null,
    thread_ts: message?.thread_ts ?? container?.thread_ts ?? null,
    response_url: payload.response_url ?? null,
  };
}

function toViewAnswer(payload: z.output<typeof viewAnswer>): ViewAnswer {
  const { view } = payload;
  return {
    kind: payload.type,
    ...commonOf(payload),
    callback_id: view.callback_id,
    view_id: view.id,
    private_metadata: view.private_metadata,
    values: view.state,
  };
}

function commonOf(payload: {
  user: InteractionUser;
  team?: { id: string } | null;
  api_app_id?: string | null;
  trigger_id?: string | null;
}): Common {
  return {
    user: payload.user,
    team_id: payload.team?.id ?? null,
    app_id: payload.api_app_id ?? null,
    trigger_id: payload.trigger_id ?? null,
  };
}

function checked<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InvalidInputError(['payload', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'not valid');
}
