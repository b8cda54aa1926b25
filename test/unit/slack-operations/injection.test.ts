import fc from 'fast-check';
import type { Block, Message, TextObject } from '../../../operations/slack/blocks';
import { escalationMessage } from '../../../operations/slack/escalation-message';
import { escapeMrkdwn, escapeMrkdwnLine, linkMrkdwn, plainText } from '../../../operations/slack/escape';
import { brokenLimits } from '../../../operations/slack/limits';
import { splitText } from '../../../operations/slack/split-text';
import { stripHidden } from '../../../operations/text';
import { blockTextLength, checkBlocks } from '../../../sandbox/src/slack/block-limits';

/** What attackers put into log fields, and noise around it. */
const hostile = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<!here>',
    '<!everyone>',
    '<@U012ABCDEF>',
    '<#C012ABCDEF>',
    '<!subteam^S012ABCDEF>',
    '<!date^1712345678^{date}|x>',
    '<https://evil.example|https://bank.example>',
    '&lt;!channel&gt;',
    '&amp;lt;!channel&amp;gt;',
    '```',
    '` *approved* `',
    '\u202Eelif.exe\u202C',
    '<!chan\u200Bnel>',
    '<\u200B!channel>',
    '\uD800<!here>\uDC00',
    '\u001B[31m<!channel>',
    '\n>quote\n',
    ':white_check_mark: approved by the SOC',
    'password=hunter2hunter2',
    '&',
    '<',
    '>',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const text = (maxLength: number) =>
  fc
    .tuple(fc.array(hostile, { minLength: 1, maxLength: 30 }), fc.constantFrom(1, 2, 7, 300))
    .map(([parts, times]) => parts.join('').repeat(times).slice(0, maxLength))
    .filter((value) => value.length > 0);

const texts = (blocks: readonly Block[]): TextObject[] =>
  blocks.flatMap((block) => {
    if (block.type === 'header') return [block.text];
    if (block.type === 'section') return [...(block.text ? [block.text] : []), ...(block.fields ?? [])];
    return block.type === 'context' ? block.elements : [];
  });

const ownLink = /<https?:\/\/[^<>|\s`]+>/g;

function expectHarmless(message: Message): void {
  for (const part of texts(message.blocks)) {
    expect(part.text).toBe(stripHidden(part.text));
    if (part.type === 'plain_text') expect(part.emoji).toBe(false);
    else {
      expect(part.verbatim).toBe(true);
      expectInert(part.text.replace(ownLink, ''));
    }
  }
  expectInert(message.text);
  expect(brokenLimits(message)).toEqual([]);
  // What a workspace says to it, judged by code that does not know ours.
  expect(checkBlocks(message.blocks)).toEqual([]);
  expect(blockTextLength(message.blocks)).toBeLessThanOrEqual(9_600);
}

/** Mrkdwn that cannot mention, link or leave a code span. */
function expectInert(mrkdwn: string): void {
  expect(mrkdwn).not.toMatch(/[<>`]/);
  expect(mrkdwn.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
  expect(mrkdwn).toBe(stripHidden(mrkdwn));
}

test('no field of an escalation can mention, link, break out or exceed a limit', () => {
  fc.assert(
    fc.property(
      fc.record({
        title: text(300),
        summary: text(10_000),
        urgency: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
        findings: fc.array(text(1000), { maxLength: 20 }),
        next_steps: fc.array(text(500), { maxLength: 20 }),
        links: fc.constantFrom([], ['https://console.example/a?b=1&c=<!channel>|x']),
        case_id: fc.option(text(100), { nil: undefined }),
      }),
      (escalation) => {
        const { message, rest } = escalationMessage(escalation);
        for (const part of [message, ...rest]) expectHarmless(part);
      },
    ),
    { numRuns: 25 },
  );
});

test('escaped text is inert and within its length, for any text and length', () => {
  fc.assert(
    fc.property(text(5000), fc.integer({ min: 32, max: 3000 }), (value, length) => {
      for (const escaped of [escapeMrkdwn(value, length), escapeMrkdwnLine(value, length)]) {
        expectInert(escaped);
        expect(escaped.length).toBeLessThanOrEqual(length);
      }
      expect(escapeMrkdwnLine(value, length)).not.toContain('\n');
    }),
  );
});

test('short harmless text is not changed by escaping, and what was escaped reads the same again', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (value) => {
      const shown = escapeMrkdwn(value, 3000).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      expect(shown).toBe(plainText(value.replaceAll('`', "'"), 3000));
    }),
  );
});

test('a link shows its own address, and only http(s) becomes one', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      fc.pre(url.length < 400);
      const link = linkMrkdwn(url, 'links.0');
      expect(link).toMatch(/^<https?:\/\/[^<>|`\s]+>$/);
    }),
  );
  fc.assert(
    fc.property(text(200), (value) => {
      let link: string;
      try {
        link = linkMrkdwn(value, 'links.0');
      } catch {
        return;
      }
      expect(link).toMatch(/^<https?:\/\/[^<>|`\s]+>$/);
    }),
  );
});

test('cutting text into pieces loses nothing but white space at the cuts', () => {
  fc.assert(
    fc.property(text(8000), fc.integer({ min: 10, max: 3000 }), (value, size) => {
      const cleaned = plainText(value, 10_000);
      const pieces = splitText(cleaned, size);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(size);
        expect(piece).not.toBe('');
        expect(piece).toBe(stripHidden(piece));
      }
      expect(pieces.join('').replace(/\s/g, '')).toBe(cleaned.replace(/\s/g, ''));
    }),
  );
});

test('raw text does not fit a mrkdwn field', () => {
  const raw = '<!channel>';
  // @ts-expect-error only the escaping module makes Mrkdwn
  const field: TextObject = { type: 'mrkdwn', text: raw, verbatim: true };
  // @ts-expect-error a message's fallback text is Mrkdwn too
  const message: Message = { text: raw, blocks: [] };
  expect([field, message]).toHaveLength(2);
});
