import fc from 'fast-check';
import { askPage } from '../../../nodes-host/approvals/link-page';
import type { Waiting } from '../../../nodes-host/approvals/waiting';
import { ApprovalHost, people } from './approval-host';

/** What an alert holds may come from an attacker, and ends up in the question. */
const host = new ApprovalHost();
beforeAll(() => host.open());
afterAll(() => host.close());
beforeEach(() => host.reset());

const hostile = [
  '<!channel> <!here> <!everyone> <!subteam^S0SIM0001> <@U0SIM0009>',
  '<https://evil.example|https://soc.example> javascript:alert(1)',
  'a ``` b ` c *bold* _i_ ~s~ > quote &lt;!channel&gt;',
  'user\u202egnp.exe\u202c\u200b\u2066x\u2069',
  '{{ $json.approved }} ={{ 1 + 1 }}',
  'Approved by <@U0SIM0009>\n✅ Approved\naction  nothing',
  'x'.repeat(10_000),
  '\u0000\u0007\u001b[31mred',
];

/** Everything of the card but what is shown literally in any case. */
const interpreted = (blocks: unknown): string[] => {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      const { type, text } = value as { type?: unknown; text?: unknown };
      if (type === 'mrkdwn' && typeof text === 'string') found.push(text);
      Object.values(value).forEach(walk);
    }
  };
  walk(blocks);
  return found;
};

it.each(hostile.map((text) => [text.slice(0, 40), text] as const))(
  'in the message, the arguments and the requester of the case: %s',
  async (_name, text) => {
    const parameters = { message: text, actionArguments: JSON.stringify({ [text.slice(0, 100)]: text }) };
    await host.ask({ items: [{ approved: true, note: text }], parameters });
    const { blocks } = await host.card();
    for (const mrkdwn of interpreted(blocks)) expect(mrkdwn).not.toMatch(/<(?:[@#!](?!date)|https?:)/);
    expect(JSON.stringify(blocks)).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/);
    // Silence stays a no, and a yes stays possible.
    expect(host.input[0]?.json).toMatchObject({ status: 'timed_out', approved: false });
    await host.click(people.rafael, 'approve');
    expect(host.resumed?.[0]?.json).toMatchObject({ status: 'approved' });
  },
);

it.each(hostile.map((text) => [text.slice(0, 40), text] as const))('in the target: %s', async (_name, text) => {
  const asking = host.ask({ parameters: { target: text } });
  // What nobody could read on a card is refused, and nothing waits then.
  if (text.length > 500) return expect(asking).rejects.toThrow(/Target: .*500/);
  await asking;
  const { blocks } = await host.card();
  expect(JSON.stringify(blocks)).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/);
  expect(interpreted(blocks).join()).not.toContain('evil.example');
});

it('in a name of an action is refused', async () => {
  for (const actionName of hostile)
    await expect(host.ask({ parameters: { actionName } })).rejects.toThrow(/Action Name/);
});

it('never becomes markup of the page behind a link', () => {
  const waiting = (text: string): Waiting => ({
    by: 'link',
    reference: 'APR-1',
    approval_id: 'APR-1',
    action: { name: 'x', target: text, arguments: { [text]: text }, title: text },
    action_digest: text,
    justification: text,
    case_id: text,
    requested_by: { principal: text, slack_user_id: null, stated: text },
    approvers: [],
    ask_reason: true,
    expires_at: '2026-05-01T00:00:00.000Z',
    channel: 'C1',
    ts: '1.1',
    permalink: null,
  });
  const tags = (html: string) => [...html.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, tag]) => tag).join();
  const plain = tags(askPage(waiting('text')).html);
  const pieces = fc.constantFrom(
    '<script>',
    '"',
    "'",
    '>',
    '</pre>',
    '<img src=x onerror=alert(1)>',
    '&lt;',
    '--',
    '{',
    'x',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { minLength: 1, maxLength: 6 }).map((all) => all.join('')),
      (text) => {
        const { html } = askPage(waiting(`t ${text}`), text);
        expect(tags(html).replace('p,p,', '')).toBe(plain);
        expect(html).not.toMatch(/<[^>]*\son\w+=/);
      },
    ),
    { numRuns: 300 },
  );
});
