import { z } from 'zod';
import { cleanLine, cleanText } from '../text';
import { plainAlertId } from './alert-id';
import { actorOf } from './alert-shape';
import type { PantherClient } from './client';
import { collectRest, type RestItems, type RestList } from './rest-list';

const text = z.string().nullish().catch(null);
const actor = z.object({ id: text, type: text }).nullish().catch(null);

/** A comment as the REST API gives it. Panther leaves the type of `body` open. */
export const commentRecord = z.object({
  id: z.string().min(1),
  alertId: text,
  body: z.unknown(),
  format: text,
  createdAt: text,
  createdBy: actor,
  updatedAt: text,
});
export type CommentRecord = z.infer<typeof commentRecord>;

export const commentOutput = z.object({
  id: z.string(),
  body: z.string().describe('What was written: HTML stays as text here. Cut at 10000 characters'),
  format: z.string().nullable().describe('PLAIN_TEXT or HTML'),
  created_at: z.string().nullable(),
  created_by: z.object({ id: z.string(), type: z.string().nullable() }).nullable(),
  updated_at: z.string().nullable(),
});

/** Longest comment that is written or shown, in characters. */
export const longestComment = 10_000;

export function commentOf(comment: CommentRecord): z.infer<typeof commentOutput> {
  const line = (value: string | null | undefined) => (value == null ? null : cleanLine(value, 100) || null);
  return {
    id: cleanLine(comment.id, 128),
    body: cleanText(bodyOf(comment), longestComment),
    format: line(comment.format),
    created_at: line(comment.createdAt),
    created_by: actorOf(comment.createdBy),
    updated_at: line(comment.updatedAt),
  };
}

/** The text as Panther keeps it, uncleaned. */
export function bodyOf({ body }: CommentRecord): string {
  if (typeof body === 'string') return body;
  return body == null ? '' : JSON.stringify(body);
}

/** The comments of one alert in Panther's order, from a cursor on if one is given. */
export function readComments<R>(
  client: PantherClient,
  alertId: string,
  { limit, cursor, shape }: { limit: number; cursor?: string; shape: (comment: CommentRecord) => R },
): Promise<RestItems<R>> {
  const list: RestList<CommentRecord> = {
    path: '/alert-comments',
    query: { 'alert-id': alertId },
    item: commentRecord,
    largestPage: 50,
    permission: 'AlertRead',
    what: 'to read the comments of an alert',
    object: `alert ${alertId}`,
    noun: 'comments',
  };
  // Comments of another alert do not belong here, whatever the service made of the filter.
  const keep = (comment: CommentRecord) =>
    comment.alertId == null || plainAlertId(comment.alertId) === plainAlertId(alertId);
  return collectRest(client, list, { limit, cursor, keep, shape });
}
