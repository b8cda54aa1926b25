import type { Responder } from '../../../operations/escalations';
import { Deadline } from '../../../operations/retry';
import { SlackClient } from '../../../operations/slack/client';
import { closingCallback } from '../../../operations/slack/closing-modal';
import { escalationActions, escalationPrefix } from '../../../operations/slack/escalation-message';
import type { BlockAction } from '../../../operations/slack/interaction-payload';
import { personById, refusalOf } from '../../../operations/slack/slack-users';
import { placeOfClick, tellPerson } from '../../../operations/slack/tell-person';
import { cleanLine } from '../../../operations/text';
import type { InteractionHandler } from '../interactions/dispatcher';
import type { ActedInteraction, InboxEntry } from '../interactions/inbox';
import { CaseClosing } from './case-closing';
import type { EscalationEngine } from './escalation-engine';

const clickDeadlineMs = 20_000;
const caseIdPattern = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * The buttons of an escalation. Any colleague of the workspace may press them: they decide nothing, they say who looks
 * after it. Guests, people of other companies, deactivated accounts and apps would only end the calling of others, so they
 * are refused, and so is everybody while Slack cannot say who clicked.
 */
export class EscalationClicks implements InteractionHandler {
  readonly prefix = escalationPrefix;
  private readonly closing: CaseClosing;

  constructor(private readonly engine: EscalationEngine) {
    this.closing = new CaseClosing(engine, engine.parts.closers);
  }

  refuse(interaction: ActedInteraction): Record<string, unknown> | undefined {
    return this.closing.refuse(interaction);
  }

  async handle(entry: InboxEntry): Promise<void> {
    const { interaction } = entry;
    if (interaction.kind !== 'block_action') {
      // A modal that was closed without an answer decides nothing.
      const isAnswer = interaction.kind === 'view_submission' && interaction.callback_id === closingCallback;
      if (isAnswer) await this.closing.close(await this.connect(), interaction);
      return;
    }
    const caseId = interaction.value ?? '';
    if (!caseIdPattern.test(caseId)) return;
    const client = await this.connect();
    const { ports } = client;
    // Who may close is checked as approvers are: one look more, and no other is needed.
    if (interaction.action_id === escalationActions.close) return this.closing.ask(client, interaction, caseId);
    const { user, team_id: team } = interaction;
    const foreign = team !== null && user.team_id !== null && user.team_id !== team;
    const person = foreign ? undefined : await personById(client, user.id);
    const refusal = person === undefined ? 'an account of another workspace' : refusalOf(person);
    if (person === undefined || person.id !== user.id || refusal !== undefined) {
      ports.log.warn('a click on an escalation does not count', { case_id: caseId, user: user.id, why: refusal });
      return this.tell(client, interaction, `This is ${refusal ?? 'not your account'}: your click changes nothing.`);
    }
    const by = { id: user.id, name: person.name ?? person.handle ?? user.id, at: entry.receivedAt.toISOString() };
    if (interaction.action_id === escalationActions.acknowledge)
      return this.acknowledge(client, interaction, caseId, by);
    if (interaction.action_id === escalationActions.investigate)
      return this.investigate(client, interaction, caseId, by);
  }

  async giveUp({ interaction }: InboxEntry): Promise<void> {
    const place = interaction.kind === 'block_action' ? placeOfClick(interaction) : this.closing.placeOf(interaction);
    if (place === undefined || interaction.kind === 'view_closed') return;
    const ports = this.engine.parts.ports(AbortSignal.timeout(clickDeadlineMs));
    const client = await SlackClient.connect(ports, new Deadline(ports, clickDeadlineMs / 2));
    const text =
      interaction.kind === 'block_action'
        ? 'Your click could not be counted. Please try again, or tell the team yourself.'
        : 'It could not be checked whether you may close this case, so nothing was closed. Please try again later.';
    await tellPerson(client, place, text);
  }

  private async connect(): Promise<SlackClient> {
    const ports = this.engine.parts.ports(AbortSignal.timeout(clickDeadlineMs + 5000));
    return SlackClient.connect(ports, new Deadline(ports, clickDeadlineMs));
  }

  private async acknowledge(client: SlackClient, click: BlockAction, caseId: string, by: Responder): Promise<void> {
    const outcome = await this.engine.acknowledge(caseId, by);
    if (outcome.kind === 'unknown') return this.tell(client, click, 'This case is not known any more.');
    if (outcome.kind === 'already') {
      return this.tell(client, click, `${cleanLine(outcome.by.name, 100)} has acknowledged this already.`);
    }
  }

  private async investigate(client: SlackClient, click: BlockAction, caseId: string, by: Responder): Promise<void> {
    const outcome = await this.engine.investigate(caseId, by);
    const texts = {
      started: undefined,
      running: 'It is being investigated already; the findings will come to its thread.',
      waiting: 'The case waits for an approval; decide on that first.',
      closed: 'The case is closed.',
      unknown: 'This case is not known any more.',
    };
    const text = texts[outcome];
    if (text !== undefined) await this.tell(client, click, text);
  }

  private async tell(client: SlackClient, click: BlockAction, text: string): Promise<void> {
    await tellPerson(client, placeOfClick(click), text);
  }
}
