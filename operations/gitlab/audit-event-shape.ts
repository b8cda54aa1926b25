import { z } from 'zod';
import { cleanLine } from '../text';
import { auditCategories, categoryOf } from './audit-event-kinds';
import { lineOrNull } from './merge-request-shape';
import { wireField } from './wire-types';

/** Values in `details` are text mostly, but numbers, booleans and objects occur. */
const loose = z.unknown().transform((value) => {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value).slice(0, 4000) : String(value);
});

const { text, whole } = wireField;

export const wireAuditEvent = z.object({
  id: wireField.id,
  author_id: whole,
  entity_id: whole,
  entity_type: text,
  created_at: wireField.instant,
  event_type: text,
  ip_address: text,
  details: wireField.optional(
    z.object({
      event_name: text,
      author_name: text,
      author_email: text,
      author_class: text,
      target_id: loose,
      target_type: text,
      target_details: loose,
      entity_path: text,
      ip_address: text,
      custom_message: loose,
      change: loose,
      from: loose,
      to: loose,
      add: loose,
      remove: loose,
      as: loose,
      with: loose,
    }),
  ),
});
export type WireAuditEvent = z.output<typeof wireAuditEvent>;

export const auditEventSchema = z.object({
  id: z.number().int(),
  created_at: z.string().nullable(),
  event_type: z.string().nullable().describe("GitLab's name of the kind of event; null on servers that give none"),
  category: z
    .enum(auditCategories)
    .nullable()
    .describe('What it changed of who can bring what in; null for anything else, such as signing in'),
  summary: z.string().describe('What happened, in the words of GitLab'),
  change: z.string().nullable().describe('The setting that was changed'),
  from: z.string().nullable().describe('Its value before'),
  to: z.string().nullable().describe('Its value after'),
  author: z.object({
    id: z.number().int().nullable().describe('Negative or null for actions without an account, such as a deploy key'),
    name: z.string().nullable(),
    email: z.string().nullable(),
    class: z.string().nullable(),
  }),
  entity: z
    .object({ type: z.string().nullable(), id: z.number().int().nullable(), path: z.string().nullable() })
    .describe('What the event belongs to: a project, a group, a user or the instance'),
  target: z
    .object({ type: z.string().nullable(), id: z.string().nullable(), details: z.string().nullable() })
    .describe('What was acted on'),
  ip_address: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export function shapeAuditEvent(wire: WireAuditEvent): AuditEvent {
  const { details } = wire;
  const line = (value: string | null | undefined, length = 300) => lineOrNull(value ?? null, length);
  const type = line(wire.event_type ?? details?.event_name, 120);
  const summary = sentenceOf(details);
  const targetType = line(details?.target_type, 120);
  return {
    id: wire.id,
    created_at: wire.created_at,
    event_type: type,
    category: categoryOf({ type, sentence: summary, targetType }),
    summary,
    change: line(details?.change),
    from: line(details?.from),
    to: line(details?.to),
    author: {
      id: wire.author_id,
      name: line(details?.author_name),
      email: line(details?.author_email),
      class: line(details?.author_class, 120),
    },
    entity: { type: line(wire.entity_type, 120), id: wire.entity_id, path: line(details?.entity_path, 1000) },
    target: { type: targetType, id: line(details?.target_id), details: line(details?.target_details) },
    ip_address: line(details?.ip_address ?? wire.ip_address, 60),
  };
}

function sentenceOf(details: WireAuditEvent['details']): string {
  if (details === null) return '';
  const { custom_message: message, change, from, to, add, remove, as } = details;
  const parts = [
    message,
    change && `Changed ${change}${from || to ? ` from "${from ?? ''}" to "${to ?? ''}"` : ''}`,
    add && `Added ${add}`,
    remove && `Removed ${remove}`,
    as && `as ${as}`,
  ];
  return cleanLine(parts.filter(Boolean).join(' '), 500);
}
