import { z } from 'zod';
import { cleanLine, cleanText } from '../text';
import type { QueryFacts } from './query-documents';
import { isoOrNull } from './query-output';

/** A query of the history without its rows. */
export const queryRecord = z.object({
  id: z.string(),
  name: z.string().nullable().describe('Name of the saved query; null when it has none'),
  status: z.string().describe('running, succeeded, failed or cancelled'),
  sql: z.string().describe('Cut at 2000 characters'),
  message: z.string().nullable().describe('Why it failed, in the words of the data lake'),
  started_at: z.string().nullable().describe('ISO 8601 in UTC'),
  completed_at: z.string().nullable(),
  duration_seconds: z.number().nullable().describe('Null while it runs'),
  scheduled: z.boolean(),
  issued_by: z
    .object({ type: z.enum(['token', 'user', 'other']), id: z.string().nullable(), name: z.string().nullable() })
    .nullable()
    .describe('Null when Panther does not tell; reading users may need the permission UserRead'),
});
export type QueryRecord = z.infer<typeof queryRecord>;

export function shapeQuery(query: QueryFacts): QueryRecord {
  const startedAt = isoOrNull(query.startedAt);
  const completedAt = isoOrNull(query.completedAt);
  const text = (value: string | null | undefined, most: number) => (value ? cleanLine(value, most) : null);
  return {
    id: cleanLine(query.id, 200),
    name: text(query.name, 200),
    status: cleanLine(query.status, 40),
    sql: cleanText(query.sql, 2000),
    message: text(query.message, 500),
    started_at: startedAt,
    completed_at: completedAt,
    duration_seconds:
      startedAt === null || completedAt === null
        ? null
        : Math.max(0, (Date.parse(completedAt) - Date.parse(startedAt)) / 1000),
    scheduled: query.isScheduled === true,
    issued_by: issuerOf(query),
  };
}

function issuerOf({ issuedBy }: QueryFacts): QueryRecord['issued_by'] {
  if (issuedBy == null) return null;
  const { __typename: kind, id, name, givenName, familyName, email } = issuedBy;
  const fullName = [givenName, familyName].filter(Boolean).join(' ');
  const shown = name || fullName || email;
  return {
    type: kind === 'APIToken' ? 'token' : kind === 'User' ? 'user' : 'other',
    id: id ? cleanLine(id, 200) : null,
    name: shown ? cleanLine(shown, 200) : null,
  };
}
