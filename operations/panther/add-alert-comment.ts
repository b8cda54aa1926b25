import { z } from 'zod';
import { portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, CancelledError, OperationError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { stripHidden } from '../text';
import { alertIdOf } from './alert-address';
import {
  bodyOf,
  type CommentRecord,
  commentOf,
  commentOutput,
  commentRecord,
  longestComment,
  readComments,
} from './alert-comments';
import { PantherClient } from './client';
import { safeCommentHtml } from './comment-html';
import { alertIdInput } from './get-alert';
import { outcomeUnknown } from './query-life-cycle';

const mostCommentsRead = 1000;
/** A comment may take a moment to show up in the list. */
const listLagMs = 1_500;

export const addAlertComment = defineOperation({
  name: 'add_alert_comment',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Add Comment',
  action: 'Add a comment to an alert',
  description:
    'Adds a comment of up to 10,000 characters to an alert of Panther. It is posted once: when the answer is lost, the comments are read to see whether it arrived, and nothing is sent again. As plain_text (the default) it is shown as written; as html only tags that shape text and links count, and anything else is shown as written.',
  effect: 'write',
  idempotent: false,
  services: ['panther'],
  permissions: ['AlertModify', 'AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_id: alertIdInput,
    body: z.string().min(1).max(longestComment).describe('Text of the comment, 1 to 10000 characters'),
    format: z
      .enum(['plain_text', 'html'])
      .default('plain_text')
      .describe(
        'plain_text (default): nothing in body becomes markup, which is right for text from logs. html: body is markup; p, br, hr, b, strong, i, em, u, s, code, pre, blockquote, ul, ol, li, h1 to h6, simple tables and links to http(s) addresses are kept, every other tag is shown as text.',
      ),
  }),
  output: z.object({
    alert_id: z.string(),
    comment: commentOutput,
    confirmed_by: z
      .enum(['answer', 'reading'])
      .describe('reading: the answer was lost, and the comment was found among the comments of the alert'),
  }),
  example: { alert_id: '$alert_id', body: 'Seen by the simulated SOC; under investigation.' },
  varies: ['comment.id', 'comment.created_at'],
  echoOnError: ['alert_id', 'body'],
  async run(ports, { alert_id, body, format }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const id = alertIdOf(alert_id, client.endpoints);
    const text = format === 'html' ? safeCommentHtml(body) : stripHidden(body);
    const { comment, confirmedBy } = await postOnce(client, id, text, format === 'html' ? 'HTML' : 'PLAIN_TEXT');
    return { alert_id: id, comment: commentOf(comment), confirmed_by: confirmedBy };
  },
});

type Format = 'PLAIN_TEXT' | 'HTML';

/**
 * Posts a comment at most once; Panther has no idempotency key. Comments of the same text are read before, so that
 * after a lost answer a new one can be told from an old one without trusting clocks.
 */
async function postOnce(client: PantherClient, alertId: string, body: string, format: Format) {
  const wanted = essence(body, format);
  const same = async () => {
    const { items } = await readComments(client, alertId, {
      limit: mostCommentsRead,
      // Only what is the same is carried along; the texts of the others could fill the answer.
      shape: (comment) => (essence(bodyOf(comment), format) === wanted ? comment : undefined),
    });
    return items.filter((comment) => comment !== undefined);
  };
  const before = new Set((await same()).map(({ id }) => id));
  try {
    const comment = await post(client, alertId, body, format);
    return { comment, confirmedBy: 'answer' as const };
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a new comment was lost; looking for it', { alert_id: alertId });
    const found = await findNew(client, same, before);
    if (found === undefined) throw unknownOutcome(alertId);
    return { comment: found, confirmedBy: 'reading' as const };
  }
}

/** An abort does not cut this request short: a comment that nobody knows of could only be posted a second time. */
async function post(client: PantherClient, alertId: string, body: string, format: Format): Promise<CommentRecord> {
  const sender = client.over(portsThatFinishRequests(client.ports), client.deadline);
  const comment = await sender.rest({
    method: 'POST',
    path: '/alert-comments',
    body: { alertId, body, format },
    answer: commentRecord,
    safeToRepeat: false,
    permission: 'AlertModify',
    what: 'to comment on an alert',
    object: `alert ${alertId}`,
  });
  if (comment === undefined) throw new BadResponseError('Panther', 'a new comment came without a body');
  return comment;
}

/** Looks twice. Whatever stands in the way of reading leaves the outcome unknown. */
async function findNew(
  client: PantherClient,
  same: () => Promise<CommentRecord[]>,
  before: ReadonlySet<string>,
): Promise<CommentRecord | undefined> {
  try {
    const isNew = (comment: CommentRecord) => !before.has(comment.id);
    const found = (await same()).find(isNew);
    if (found !== undefined || !(await client.deadline.wait(listLagMs))) return found;
    return (await same()).find(isNew);
  } catch (error) {
    if (error instanceof CancelledError) Object.assign(error.details, { outcome: 'unknown' });
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    return undefined;
  }
}

function unknownOutcome(alertId: string): OperationError {
  return new OperationError(
    'unavailable',
    `Panther's answer to a new comment on alert ${alertId} was lost, and the comment was not found on the alert. It may still appear: read the comments again before adding it a second time.`,
    { service: 'Panther', outcome: 'unknown', alert_id: alertId },
  );
}

/** What stays of a text when a service trims it, or tidies up its markup. */
function essence(body: string, format: Format): string {
  const text = format === 'HTML' ? body.replace(/<[^<>]*>/g, ' ').replace(/&lt;/g, '<') : body;
  return text.replace(/\s+/g, ' ').trim();
}
