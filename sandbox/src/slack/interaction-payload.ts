import { isObject } from './block-limits';
import { messageEntity } from './entities';
import type { Json, SlackMessage, SlackState, SlackView } from './state';
import { APP_ID, BOT_ID, type SlackUser, TEAM } from './workspace';

/** The old way to tell requests of the workspace; apps must not rely on it, and signed requests still carry it. */
const VERIFICATION_TOKEN = 'simulated-verification-token';

const people = (user: SlackUser): Json => ({
  id: user.id,
  username: user.name,
  name: user.name,
  team_id: user.teamId ?? TEAM.id,
});

const common = (user: SlackUser): Json => ({
  user: people(user),
  api_app_id: APP_ID,
  token: VERIFICATION_TOKEN,
  team: { id: TEAM.id, domain: TEAM.domain },
  enterprise: null,
  is_enterprise_install: false,
});

export interface ClickedElement {
  blockId: string;
  element: Json;
  /** What was chosen, for everything but a button. */
  chosen?: string;
}

/** Seconds with six digits, by the real clock: no two clicks have the same. */
export function actionTs(state: SlackState): string {
  const micros = Math.max(state.realNow() * 1000, lastActionMicros + 1);
  lastActionMicros = micros;
  const text = String(micros);
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}
let lastActionMicros = 0;

/** The payload of a click on something in a message. */
export function blockActions(
  state: SlackState,
  user: SlackUser,
  message: SlackMessage,
  clicked: ClickedElement,
  given: { triggerId: string; responseUrl: string },
): Json {
  const channel = state.channels.get(message.channel);
  const direct = channel?.kind === 'im' || channel?.kind === 'mpim';
  const inThread = message.threadTs !== undefined && message.threadTs !== message.ts;
  return {
    type: 'block_actions',
    ...common(user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: message.ephemeralFor !== undefined,
      ...(inThread ? { thread_ts: message.threadTs } : {}),
    },
    trigger_id: given.triggerId,
    channel: { id: message.channel, name: direct ? 'directmessage' : (channel?.name ?? message.channel) },
    // What only one person sees is not sent along.
    ...(message.ephemeralFor === undefined ? { message: messageEntity(message, state, true) } : {}),
    state: { values: {} },
    response_url: given.responseUrl,
    actions: [actionOf(clicked, actionTs(state))],
  };
}

function actionOf({ blockId, element, chosen }: ClickedElement, at: string): Json {
  const { confirm, url, value, text, style, ...rest } = element;
  const base: Json = { action_id: rest.action_id, block_id: blockId, type: element.type, action_ts: at };
  if (element.type === 'button') {
    return {
      ...base,
      text,
      ...(value === undefined ? {} : { value }),
      ...(style === undefined ? {} : { style }),
      ...(url === undefined ? {} : { url }),
      ...(confirm === undefined ? {} : { confirm }),
    };
  }
  return { ...base, ...heldValue(element, chosen), ...(confirm === undefined ? {} : { confirm }) };
}

/** What an element holds, under the name Slack gives it. */
export function heldValue(element: Json, chosen: string | undefined): Json {
  const options = Array.isArray(element.options) ? element.options.filter(isObject) : [];
  const option = (value: string) => options.find((entry) => entry.value === value) ?? null;
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
    case 'overflow':
      return { selected_option: chosen === undefined ? (element.initial_option ?? null) : option(chosen) };
    case 'checkboxes':
    case 'multi_static_select':
      return {
        selected_options:
          chosen === undefined ? (element.initial_options ?? []) : chosen.split(',').map(option).filter(isObject),
      };
    case 'users_select':
      return { selected_user: chosen ?? element.initial_user ?? null };
    case 'datepicker':
      return { selected_date: chosen ?? element.initial_date ?? null };
    default:
      return { value: chosen === undefined || chosen === '' ? (element.initial_value ?? null) : chosen };
  }
}

/** A modal as the API shows it. */
export function viewEntity(view: SlackView, values: Json = {}): Json {
  const { given } = view;
  return {
    id: view.id,
    team_id: TEAM.id,
    type: 'modal',
    blocks: given.blocks,
    private_metadata: given.private_metadata ?? '',
    callback_id: given.callback_id ?? '',
    state: { values },
    hash: view.hash,
    title: given.title,
    clear_on_close: given.clear_on_close === true,
    notify_on_close: given.notify_on_close === true,
    close: given.close ?? null,
    submit: given.submit ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: APP_ID,
    external_id: given.external_id ?? '',
    app_installed_team_id: TEAM.id,
    bot_id: BOT_ID,
  };
}

export function viewSubmission(user: SlackUser, view: SlackView, values: Json, triggerId: string): Json {
  return {
    type: 'view_submission',
    ...common(user),
    trigger_id: triggerId,
    view: viewEntity(view, values),
    response_urls: [],
  };
}

export function viewClosed(user: SlackUser, view: SlackView): Json {
  return { type: 'view_closed', ...common(user), view: viewEntity(view), is_cleared: false };
}
