import fc from 'fast-check';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { openDatabase } from '../../../bridge/src/store/database';
import type { CaseRecord } from '../../../operations/cases';
import type { EscalationContent, EscalationState } from '../../../operations/escalations';
import type { Block, Message } from '../../../operations/slack/blocks';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { escalationMessage } from '../../../operations/slack/escalation-message';
import { pointerMessage, reminderMessage, verdictMessages } from '../../../operations/slack/escalation-notices';
import { brokenLimits } from '../../../operations/slack/limits';
import { openIncidentChannel } from '../../../operations/slack/open-incident-channel';
import { postMessage } from '../../../operations/slack/post-message';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { replyInThread } from '../../../operations/slack/reply-in-thread';
import { updateMessage } from '../../../operations/slack/update-message';
import { uploadReport } from '../../../operations/slack/upload-report';
import { stripHidden } from '../../../operations/text';
import { checkBlocks } from '../../../sandbox/src/slack/block-limits';
import { sampleEvidence, sampleOpen } from '../../support/bridge/sample-case';
import { startWorkspace, type Workspace } from './workspace';

/** What attackers put into fields: mentions, disguised links, ways out of code, hidden characters, and too much of it. */
const attacks = [
  '<!channel>',
  '<!here> <!everyone> <@U0SIM0009> <#C0SIM0101> <!subteam^S0SIM0001>',
  '<https://evil.example|https://bank.example> <mailto:x@evil.example|security@bank.example>',
  '```` ``` ` *approved by the SOC* ` ```',
  '‮elif.exe‬ ​a‍b⁦c⁩',
  '&lt;!channel&gt; &amp;lt;!channel&amp;gt;',
  ':white_check_mark: *Acknowledged* by <@U0SIM0009>\n> quoted\n\u0007\u001b[31m',
  '<!channel>'.repeat(1000),
  `${'A'.repeat(9_990)}<!here>`,
  '&'.repeat(10_000),
  '\u{1F600}'.repeat(5000),
];

/** All control sequences in a mrkdwn text but those we write ourselves: dates, links that show themselves, the given people. */
function controlsIn(mrkdwn: string, people: readonly string[]): string[] {
  return [...mrkdwn.matchAll(/<[^>]*>?/g)]
    .map(([whole]) => whole)
    .filter((whole) => !/^<https?:\/\/[^<>|\s`]+>$/.test(whole) && !/^<!date\^\d+\^[^<>]*>$/.test(whole))
    .filter((whole) => !people.includes(whole));
}

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Every text object of blocks in any form, as they go over the wire. */
function textObjects(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(textObjects);
  if (!isJson(value)) return [];
  const own = (value.type === 'mrkdwn' || value.type === 'plain_text') && typeof value.text === 'string' ? [value] : [];
  return [...own, ...Object.values(value).flatMap(textObjects)];
}

function expectHarmless({ text, blocks }: { text: string; blocks: readonly (Block | Json)[] }, people: string[] = []) {
  expect(controlsIn(text, people)).toEqual([]);
  expect(stripHidden(text)).toBe(text);
  for (const object of textObjects(blocks)) {
    const shown = String(object.text);
    expect(stripHidden(shown)).toBe(shown);
    if (object.type === 'plain_text') expect(object.emoji).toBe(false);
    else {
      expect(object.verbatim).toBe(true);
      expect(controlsIn(shown, people)).toEqual([]);
      expect(shown).not.toContain('`');
    }
  }
  expect(checkBlocks(blocks)).toEqual([]);
}

const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc.array(fc.constantFrom(...attacks.slice(0, 7)), { minLength: 1, maxLength: 20 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
);
const cut = (most: number) => hostile.map((text) => text.slice(0, most)).filter((text) => text !== '');
const responder = fc.record({
  id: fc.constant('U0SIM0009'),
  name: cut(100),
  at: fc.constant('2026-11-01T10:00:00.000Z'),
});
const content: fc.Arbitrary<EscalationContent> = fc.record({
  title: cut(300),
  summary: cut(10_000),
  urgency: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
  findings: fc.array(cut(1000), { maxLength: 20 }),
  next_steps: fc.array(cut(500), { maxLength: 20 }),
  links: fc.constant([]),
});
const state: fc.Arbitrary<EscalationState> = fc.record({
  urgency: fc.constantFrom('low' as const, 'critical' as const),
  acknowledged: fc.option(responder, { nil: null }),
  investigating: fc.option(responder, { nil: null }),
  unanswered: fc.nat(50),
  verdict: fc.option(fc.record({ outcome: cut(300), severity: cut(300) }), { nil: null }),
  closed: fc.boolean(),
});
const eva = ['<@U0SIM0009>'];

describe('messages of an escalation, whatever is in its fields', () => {
  test('the message in every state stays within limits, and what is in the thread never changes', () => {
    fc.assert(
      fc.property(content, state, fc.boolean(), (given, now, buttons) => {
        const escalation = { ...given, case_id: 'INV-1' };
        const first = escalationMessage(escalation, { buttons });
        const later = escalationMessage(escalation, { state: now, buttons });
        for (const message of [first.message, later.message]) {
          expect(brokenLimits(message)).toEqual([]);
          expectHarmless(message, eva);
        }
        expect(later.rest).toEqual(first.rest);
        const marked = textObjects(later.message.blocks).filter(({ type }) => type === 'mrkdwn');
        const mentions = marked.flatMap(({ text }) => String(text).match(/<@/g) ?? []);
        expect(mentions).toHaveLength([now.acknowledged, now.investigating].filter(Boolean).length);
      }),
      { numRuns: 30 },
    );
  });

  test('pointers, reminders and verdicts likewise', () => {
    const record = fc
      .record({
        title: cut(300),
        reason: cut(10_000),
        statements: fc.array(cut(1000), { maxLength: 25 }),
        missed: fc.array(cut(1000), { maxLength: 15 }),
      })
      .map(({ reason, statements, missed }) => {
        const evidence = statements.map((statement, index) => ({ ...sampleEvidence(`E${index}`), statement }));
        const findings = { verdict: { not_seen: missed } };
        return { outcome: 'needs_review', severity: 'HIGH', reason, evidence, findings } as unknown as CaseRecord;
      });
    fc.assert(
      fc.property(content, state, record, (given, now, found) => {
        const permalink = 'https://x.slack.com/archives/C0SIM0101/p1700000000000100';
        const pointer = pointerMessage({
          caseId: 'INV-1',
          content: given,
          state: now,
          permalink,
          why: 'raised',
          buttons: true,
        });
        const verdict = verdictMessages(found);
        for (const message of [pointer, reminderMessage(now.unanswered), verdict.message, ...verdict.rest]) {
          expect(brokenLimits(message as Message)).toEqual([]);
          expectHarmless(message, eva);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('every field of every operation that says something', () => {
  let workspace: Workspace;
  let store: CaseStore;
  beforeAll(async () => {
    workspace = await startWorkspace();
    store = new CaseStore(await openDatabase('sqlite::memory:'));
  });
  afterAll(async () => {
    await workspace.close();
    await store.database.close();
  });
  beforeEach(() => {
    ratePauses.clear();
    workspace.slack.reset();
  });

  /** What was sent to Slack and would be shown to people. */
  const sent = () =>
    workspace.slack.requests
      .filter(({ operation }) => ['chat.postMessage', 'chat.update'].includes(operation ?? ''))
      .map(({ body }) => JSON.parse(body ?? '{}') as { text: string; blocks: Json[]; [key: string]: unknown });
  const field = (attack: string, most: number) => attack.slice(0, most);

  test.each(attacks.map((attack, index) => [index, attack] as const))('attack %i', async (_index, attack) => {
    const ports = () => workspace.ports({ cases: store.port({ caseLeaseMs: 30_000 }) });
    const run = (operation: unknown, input: object) => workspace.run(operation, input, ports());
    const opening = sampleOpen(`hostile-${_index}`);
    const { record } = await store.port({ caseLeaseMs: 30_000 }).open({ ...opening, title: attack });
    const { ts } = await run(postMessage, { channel: '#soc-high', text: field(attack, 10_000) });
    await run(postMessage, { channel: '#soc-high', text: field(attack, 10_000), case_id: record.id });
    await run(replyInThread, { channel: '#soc-high', thread_ts: ts, text: field(attack, 10_000) });
    const channel = workspace.channelId('soc-high');
    await run(updateMessage, { channel, ts, text: field(attack, 4000) });
    await run(escalateToSocTeam, {
      title: field(attack, 300),
      summary: field(attack, 10_000),
      urgency: 'high',
      findings: [field(attack, 1000)],
      next_steps: [field(attack, 500)],
      case_id: record.id,
    });
    await run(openIncidentChannel, {
      name: `inc-${_index}`,
      title: field(attack, 200),
      summary: field(attack, 8000),
    });
    await run(uploadReport, { channel: '#soc-high', content: attack, title: field(attack, 200) });
    expect(sent().length).toBeGreaterThanOrEqual(6);
    for (const message of sent()) {
      expectHarmless(message);
      expect(message).toMatchObject({ parse: 'none', link_names: false });
    }
    for (const { body, operation } of workspace.slack.requests) {
      if (operation === 'chat.postMessage')
        expect(JSON.parse(body ?? '{}')).toMatchObject({ unfurl_links: false, unfurl_media: false });
      if (operation === 'conversations.setTopic') {
        const { topic } = JSON.parse(body ?? '{}') as { topic: string };
        expect(controlsIn(topic, [])).toEqual([]);
        expect(topic.length).toBeLessThanOrEqual(250);
      }
    }
  });
});
