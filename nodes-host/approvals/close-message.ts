import { z } from 'zod';
import { approvalHeadings } from '../../operations/slack/approval-card';
import { header, plain, section } from '../../operations/slack/blocks';
import type { SlackClient } from '../../operations/slack/client';
import { plainLine } from '../../operations/slack/escape';
import { type MessagePlace, replaceBlocks } from '../../operations/slack/message-changes';
import { isDecisionBlock } from './card';

const historyAnswer = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      text: z.string().nullish(),
      blocks: z.array(z.object({ type: z.string(), block_id: z.string().nullish() }).passthrough()).nullish(),
    }),
  ),
});

/** What a closed request says, at its top and in a line. */
export const closings = {
  timedOut: { heading: approvalHeadings.timed_out, line: 'Expired. Unanswered is a no: the action must not be taken.' },
  /** The execution is gone, and with it the reason. */
  ended: {
    heading: '🚫 Closed without a decision',
    line: 'Its time was up, or the workflow ended, before the last click. Unanswered is a no.',
  },
} as const;

/**
 * Takes what a request is decided with off its message, if it is still there, and says why: n8n runs no code of a node when
 * its time is up. A message that shows an outcome stays as it is. Needs `channels:history` (`groups:history`). Throws
 * OperationError when Slack does not let us.
 */
export async function closeMessage(
  client: SlackClient,
  place: MessagePlace,
  { heading, line }: { heading: string; line: string },
): Promise<void> {
  const { channel, ts } = place;
  const { messages } = await client.read(
    'conversations.history',
    { channel, latest: ts, oldest: ts, inclusive: true, limit: 1 },
    historyAnswer,
    { what: 'to read a message', scope: 'channels:history', channel },
  );
  const message = messages.find((entry) => entry.ts === ts);
  const blocks = message?.blocks ?? [];
  const rest = blocks.filter((block) => !isDecisionBlock(block));
  if (rest.length === blocks.length) return;
  const [first, ...others] = rest;
  const top = first?.type === 'header' ? [] : [first];
  const closed = [header(plainLine(heading, 150)), section(plain(plainLine(line, 300))), ...top, ...others];
  // In the text Slack may have put the name of the sign in its place.
  const about = /Approval needed(: .*)/s.exec(message?.text ?? '')?.[1] ?? '';
  await replaceBlocks(client, place, { text: `${heading}${about}`, blocks: closed.flatMap((block) => block ?? []) });
}
