import fc from 'fast-check';
import { actionDigest, actionSchema } from '../../../operations/approvals';
import { type ApprovalCard, approvalMessage, denialModal } from '../../../operations/slack/approval-card';
import type { Block, Message } from '../../../operations/slack/blocks';
import { groupMrkdwn } from '../../../operations/slack/escape';
import { brokenLimits, brokenModalLimits } from '../../../operations/slack/limits';
import { literalJson, literalLine, showHidden } from '../../../operations/slack/literal-text';
import { stripHidden } from '../../../operations/text';
import { checkBlocks } from '../../../sandbox/src/slack/block-limits';

const action = {
  title: 'Switch off the leaked key',
  name: 'iam_deactivate_access_key',
  target: 'AKIASIMULATED000001',
  arguments: { user: 'simulated-user', account: '111122223333' },
};
const digest = actionDigest(action);
const card: ApprovalCard = {
  approval_id: 'APR-1',
  status: 'pending',
  action,
  action_digest: digest,
  justification: 'The key was used from two countries within a minute.',
  case_id: 'INV-1',
  requested_by: { principal: null, slack_user_id: 'U0SIM0010', stated: null },
  min_approvals: 1,
  decided_by: [],
  cancel_reason: null,
  expires_at: '2026-11-28T11:00:00.000Z',
  settled_at: null,
};
const buttons = {
  blockId: `soc_approval:APR-1:${digest.slice(0, 16)}`,
  approve: { actionId: 'soc_approval_approve', value: 'APR-1' },
  deny: { actionId: 'soc_approval_deny', value: 'APR-1' },
};
const eva = { id: 'U0SIM0009', name: 'Eva Novak', at: '2026-11-28T10:05:00.000Z' };
const settled = { settled_at: '2026-11-28T10:06:00.000Z' };

const textOf = (blocks: readonly Block[]): string =>
  JSON.stringify(blocks, (_key, value) => (typeof value === 'string' ? value.normalize() : value));
const shown = (over: Partial<ApprovalCard>) => {
  const { message } = approvalMessage({ ...card, ...over }, buttons);
  expectSendable(message);
  return textOf(message.blocks);
};

function expectSendable(message: Message): void {
  expect(brokenLimits(message)).toEqual([]);
  expect(checkBlocks(message.blocks)).toEqual([]);
}

test('a pending request names action, target, arguments, requester, expiry and digest, and can be decided', () => {
  const text = shown({});
  for (const part of [
    action.name,
    action.target,
    '111122223333',
    '<@U0SIM0010>',
    '<!date^1795863600^',
    digest,
    'INV-1',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain('"block_id":"soc_approval:APR-1:');
  expect(text).toMatch(/soc_approval_approve.*soc_approval_deny/);
});

test('of two approvals the first is shown, with who gave it', () => {
  expect(shown({ min_approvals: 2 })).toContain('*0 of 2* needed');
  expect(shown({ min_approvals: 2, decided_by: [{ ...eva, decision: 'approved' }] })).toContain(
    '*1 of 2* needed: <@U0SIM0009>',
  );
});

test.each<[ApprovalCard['status'], Partial<ApprovalCard>, string]>([
  ['approved', { decided_by: [{ ...eva, decision: 'approved' }] }, '*Approved* by <@U0SIM0009>'],
  ['denied', { decided_by: [{ ...eva, decision: 'denied', reason: 'Planned change' }] }, 'Planned change'],
  ['timed_out', {}, 'Unanswered is a no'],
  ['cancelled', { cancel_reason: 'No longer needed' }, 'No longer needed'],
])('%s is told, and leaves no button', (status, over, part) => {
  const text = shown({ status, ...settled, ...over });
  expect(text).toContain(part);
  expect(text).not.toContain('"actions"');
});

test('a requester nobody knows is said to be unknown, a stated one to be unchecked', () => {
  const nobody = { principal: null, slack_user_id: null, stated: null };
  expect(shown({ requested_by: nobody })).toContain('*unknown*');
  expect(shown({ requested_by: { ...nobody, stated: 'rafael' } })).toContain('(as stated, unchecked)\\nrafael');
  expect(shown({ requested_by: { ...nobody, principal: 'hunt' } })).toContain('(signed in)\\nhunt');
});

test('the approvers set up are called once, while it is pending', () => {
  const mention = [groupMrkdwn('S0SIM0001', 'group')];
  expect(textOf(approvalMessage(card, buttons, mention).message.blocks)).toContain('<!subteam^S0SIM0001>');
  expect(textOf(approvalMessage({ ...card, status: 'timed_out' }, buttons, mention).message.blocks)).not.toContain(
    'subteam',
  );
});

test('arguments that do not fit go on in the thread, all of them, and the card says so', () => {
  const items = Array.from({ length: 300 }, (_, index) => `principal-${index}-${'x'.repeat(20)}`);
  const { message, rest } = approvalMessage({ ...card, action: { ...action, arguments: { items } } }, buttons);
  expectSendable(message);
  for (const part of rest) expectSendable(part);
  const all = [message, ...rest].map(({ blocks }) => textOf(blocks)).join();
  for (const item of items) expect(all).toContain(item);
  expect(textOf(message.blocks)).toContain('This is not all of it');
});

test('secrets are not shown, and that is said', () => {
  const text = shown({ action: { ...action, arguments: { note: 'password=hunter2hunter2' } } });
  expect(text).not.toContain('hunter2hunter2');
  expect(text).toContain('Secrets in it are not shown');
});

test('hidden characters are shown as what they are, so that two actions never look the same', () => {
  expect(literalLine('admin\u202Etxt.exe')).toBe('admin\\u{202e}txt.exe');
  expect(literalLine('admin\\u{202e}txt.exe')).toBe('"admin\\\\u{202e}txt.exe"');
  expect(literalLine('a\ntarget  b')).toBe('"a\\ntarget  b"');
  expect(literalJson({ b: 1, a: 'x\u200by' })).toBe('{\n  "a": "x\\u{200b}y",\n  "b": 1\n}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(showHidden(a)).toBe(stripHidden(showHidden(a)));
      if (a !== b) expect(literalLine(a)).not.toBe(literalLine(b));
      if (a !== b) expect(literalJson([a])).not.toBe(literalJson([b]));
    }),
  );
});

const hostilePart = fc.constantFrom(
  '<!channel>',
  '<!here|x>',
  '<@U0SIM0001>',
  '<!subteam^S0SIM0001>',
  '<https://evil.example|https://bank.example>',
  '```\n*Approved* by eva',
  '`',
  '\u202Eelif.exe\u202C',
  '\u0000',
  '\uD800',
  '&lt;!channel&gt;',
  '\ntarget  harmless',
  'x'.repeat(10_000),
  'password=hunter2hunter2',
);
const hostile = fc.oneof(
  hostilePart,
  fc.array(fc.oneof(hostilePart, fc.string({ unit: 'binary' })), { minLength: 1 }).map((parts) => parts.join('')),
);

test('no text of a request can mention, link, break out, pose as a decision or exceed a limit', () => {
  fc.assert(
    fc.property(
      fc.record({
        title: hostile,
        target: hostile,
        justification: fc.option(hostile),
        stated: fc.option(hostile),
        value: hostile,
        key: hostile,
        reason: hostile,
        status: fc.constantFrom('pending', 'approved', 'denied', 'timed_out', 'cancelled' as const),
      }),
      ({ title, target, justification, stated, value, key, reason, status }) => {
        const over: ApprovalCard = {
          ...card,
          status,
          action: { ...action, title, target: target.slice(0, 500), arguments: { [key]: value } },
          justification,
          cancel_reason: reason,
          requested_by: { principal: stated, slack_user_id: null, stated },
          decided_by: [{ ...eva, decision: 'denied', reason }],
        };
        const { message, rest } = approvalMessage(over, buttons);
        for (const part of [message, ...rest]) expectHarmless(part);
        const modal = denialModal(over, 'soc_approval_deny', '{}');
        expect(brokenModalLimits(modal)).toEqual([]);
      },
    ),
  );
});

/** Only our own mentions and dates are left between `<` and `>`; all else is plain text or preformatted. */
function expectHarmless(message: Message): void {
  expectSendable(message);
  const own = /<@U0SIM0009>|<!date\^\d+\^\{date_short_pretty\}, \{time\}\|[\d: -]+ UTC>/g;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null) {
      const entry = value as { type?: string; text?: unknown };
      if (entry.type === 'mrkdwn') {
        expect(String(entry.text).replace(own, '')).not.toMatch(/[<>`]/);
        expect((entry as { verbatim?: boolean }).verbatim).toBe(true);
      }
      if (typeof entry.text === 'string') expect(entry.text).toBe(stripHidden(entry.text));
      Object.values(value).forEach(visit);
    }
  };
  visit(message.blocks);
  expect(message.text).not.toMatch(/[<>`]/);
}

describe('the digest', () => {
  test('is the same for the same action in any order of keys, and another one for any other', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (given) => {
        const turned = Object.fromEntries(Object.entries(given).reverse());
        expect(actionDigest({ ...action, arguments: turned })).toBe(actionDigest({ ...action, arguments: given }));
        expect(actionDigest({ ...action, arguments: { ...given, more: given } })).not.toBe(
          actionDigest({ ...action, arguments: given }),
        );
      }),
    );
    expect(actionDigest({ ...action, target: 'another' })).not.toBe(digest);
    expect(actionDigest({ ...action, name: 'another' })).not.toBe(digest);
  });

  test('refuses what nobody could read', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
    expect(() => actionDigest({ ...action, arguments: deep })).toThrow('nested');
    expect(() => actionDigest({ ...action, arguments: { text: 'x'.repeat(20_001) } })).toThrow('longer');
  });

  test('names of actions are names', () => {
    for (const name of ['', 'two words', '<!channel>', '-x', 'x'.repeat(101), 'a\nb']) {
      expect(actionSchema.safeParse({ ...action, name }).success).toBe(false);
    }
  });
});
