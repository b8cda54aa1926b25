import { isObject } from './block-limits';
import { SlackError } from './call';
import type { Delivery, DeliveryFault, DeliveryRecord } from './delivery';
import { blockActions, type ClickedElement, heldValue, viewClosed, viewSubmission } from './interaction-payload';
import { newResponseUrl } from './response-url';
import type { Json, SlackMessage, SlackState, SlackView } from './state';
import { checkedView, newView, replaceView } from './view-methods';
import type { SlackUser } from './workspace';

/** Thrown for a click that no person could make. */
export class NoSuchThing extends Error {}

export interface Click {
  /** User id or name. */
  user: string;
  channel: string;
  ts: string;
  actionId: string;
  blockId?: string;
  /** What was chosen, for everything but a button. */
  chosen?: string;
  fault?: DeliveryFault;
}

export interface ClickOutcome {
  acknowledged: boolean;
  /** What the person sees when the app did not acknowledge. */
  warning?: string;
  /** The message had changed already: the button was one it showed before. */
  late: boolean;
  deliveries: DeliveryRecord[];
  trigger_id: string;
  response_url: string;
}

export interface SubmitOutcome {
  acknowledged: boolean;
  /** Block id -> what is wrong. Empty when the modal was taken. */
  errors: Record<string, string>;
  warning?: string;
  deliveries: DeliveryRecord[];
}

const INPUT_REQUIRED = 'Please complete this required field.';
const TROUBLE = 'The app had trouble with this. Try again?';

/** What people do in the workspace that the app hears of. */
export class Interactions {
  /** Where the workspace is reached, without a trailing slash; set once it listens. */
  origin = 'http://stand-in.test';

  constructor(
    readonly state: SlackState,
    readonly delivery: Delivery,
  ) {}

  /** A person by id or name. Throws NoSuchThing. */
  person(wanted: string): SlackUser {
    const user = this.state.users.get(wanted) ?? [...this.state.users.values()].find((entry) => entry.name === wanted);
    if (!user || user.bot) throw new NoSuchThing(`no person ${wanted} in the simulated workspace`);
    return user;
  }

  async click(click: Click): Promise<ClickOutcome> {
    const { state } = this;
    const user = this.person(click.user);
    const message = state.findSeenBy(user.id, click.channel, click.ts);
    if (!message) throw new NoSuchThing(`no message ${click.ts} in ${click.channel} that ${user.name} sees`);
    const { clicked, late } = findElement(message, click);
    const key = warningKey(user.id, message);
    if (state.warnings.delete(key)) state.changed();
    const triggerId = state.newTrigger(user.id);
    const responseUrl = newResponseUrl(state, this.origin, user.id, message);
    const payload = blockActions(state, user, message, clicked, { triggerId, responseUrl });
    const deliveries = await this.delivery.send(payload, click.fault);
    const failed = deliveries.find((entry) => !entry.acknowledged);
    const warning = failed && `This did not reach the app: ${failed.problem ?? 'it was not acknowledged'}.`;
    if (warning !== undefined) {
      state.warnings.set(key, warning);
      state.changed();
    }
    return {
      acknowledged: failed === undefined,
      ...(warning === undefined ? {} : { warning }),
      late,
      deliveries,
      trigger_id: triggerId,
      response_url: responseUrl,
    };
  }

  /** Submits the modal this person sees. `values` are by action id or block id. */
  async submit(wanted: string, values: Record<string, string>, fault?: DeliveryFault): Promise<SubmitOutcome> {
    const { state } = this;
    const user = this.person(wanted);
    const view = this.openView(user);
    const read = readInputs(view, values);
    if (Object.keys(read.errors).length > 0) {
      view.errors = read.errors;
      state.changed();
      return { acknowledged: true, errors: read.errors, deliveries: [] };
    }
    const payload = viewSubmission(user, view, read.values, state.newTrigger(user.id));
    const deliveries = await this.delivery.send(payload, fault);
    const [first] = deliveries;
    const failed = deliveries.find((entry) => !entry.acknowledged);
    if (failed || !first) {
      view.errors = { '': TROUBLE };
      state.changed();
      return { acknowledged: false, errors: {}, warning: failed?.problem ?? TROUBLE, deliveries };
    }
    const errors = this.follow(view, first.answer);
    return { acknowledged: true, errors, deliveries };
  }

  /** Closes the modal this person sees; the app hears of it when it asked to. */
  async close(wanted: string, fault?: DeliveryFault): Promise<{ deliveries: DeliveryRecord[] }> {
    const user = this.person(wanted);
    const view = this.openView(user);
    this.drop(view);
    if (view.given.notify_on_close !== true) return { deliveries: [] };
    return { deliveries: await this.delivery.send(viewClosed(user, view), fault) };
  }

  private openView(user: SlackUser): SlackView {
    const view = this.state.topView(user.id);
    if (!view) throw new NoSuchThing(`${user.name} has no modal open`);
    return view;
  }

  private drop(view: SlackView): void {
    this.state.views = this.state.views.filter((entry) => entry !== view);
    this.state.changed();
  }

  /** Does what the app answered to a submission; gives the errors it wants shown. */
  private follow(view: SlackView, answer: Json | undefined): Record<string, string> {
    const { state } = this;
    view.errors = {};
    try {
      switch (answer?.response_action) {
        case 'errors':
          view.errors = errorsOf(answer.errors);
          state.changed();
          return view.errors;
        case 'update':
          replaceView(state, view, checkedView(state, answer.view));
          return {};
        case 'push':
          state.views.push(newView(state, view.user, checkedView(state, answer.view), view));
          state.changed();
          return {};
        case 'clear':
          state.views = state.views.filter((entry) => entry.user !== view.user);
          state.changed();
          return {};
        default:
          this.drop(view);
          return {};
      }
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      view.errors = { '': TROUBLE };
      state.changed();
      return view.errors;
    }
  }
}

export const warningKey = (user: string, message: Pick<SlackMessage, 'channel' | 'ts'>) =>
  `${user} ${message.channel} ${message.ts}`;

function errorsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return { '': TROUBLE };
  return Object.fromEntries(Object.entries(value).map(([block, text]) => [block, String(text).slice(0, 500)]));
}

/** The element clicked on: one the message shows, else one it showed before. Throws NoSuchThing. */
function findElement(message: SlackMessage, click: Click): { clicked: ClickedElement; late: boolean } {
  const now = elementIn(message.blocks ?? [], click);
  if (now) return { clicked: now, late: false };
  for (const blocks of [...(message.formerBlocks ?? [])].reverse()) {
    const before = elementIn(blocks, click);
    if (before) return { clicked: before, late: true };
  }
  throw new NoSuchThing(`the message ${click.ts} has no element with the action_id ${click.actionId}`);
}

function elementIn(blocks: readonly Json[], { actionId, blockId, chosen }: Click): ClickedElement | undefined {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    const elements = [...(Array.isArray(block.elements) ? block.elements : []), block.accessory].filter(isObject);
    const element = elements.find((entry) => entry.action_id === actionId);
    if (element) return { blockId: String(block.block_id), element, ...(chosen === undefined ? {} : { chosen }) };
  }
  return undefined;
}

/** What a person put into a modal, as Slack sends it, or what is missing. */
function readInputs(
  view: SlackView,
  given: Record<string, string>,
): { values: Record<string, Json>; errors: Record<string, string> } {
  const values: Record<string, Json> = {};
  const errors: Record<string, string> = {};
  const blocks = Array.isArray(view.given.blocks) ? view.given.blocks.filter(isObject) : [];
  for (const block of blocks) {
    if (block.type !== 'input' || !isObject(block.element)) continue;
    const { element } = block;
    const [blockId, actionId] = [String(block.block_id), String(element.action_id)];
    const value = heldValue(element, given[actionId] ?? given[blockId]);
    const [held] = Object.values(value);
    const empty = held === null || held === '' || (Array.isArray(held) && held.length === 0);
    if (empty && block.optional !== true) errors[blockId] = INPUT_REQUIRED;
    values[blockId] = { [actionId]: { type: element.type, ...value } };
  }
  return { values, errors };
}
