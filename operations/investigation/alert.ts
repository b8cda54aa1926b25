import { z } from 'zod';
import { alertNoteSchema, mostNotes } from './alert-notes';

/** Kinds of things an alert or an event names. Values are attacker-controlled text, cleaned and capped. */
export const entityTypes = [
  'user',
  'role',
  'aws_arn',
  'aws_account',
  'access_key',
  'ip',
  'host',
  'domain',
  'email',
  'sha256',
  'repository',
  'other',
] as const;

export const entitySchema = z.object({
  type: z.enum(entityTypes).describe('Kind of entity'),
  value: z.string().min(1).max(512).describe('The entity, e.g. an ARN or an address'),
});
export type Entity = z.infer<typeof entitySchema>;

export const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export const severitySchema = z.enum(severities);

/** One alert in our form, whatever sent it. */
export const alertSchema = z.object({
  id: z.string().min(1).max(256).describe('The alert id of the system that raised it'),
  source: z.string().min(1).max(128).describe('System that raised it, e.g. panther'),
  tenant: z.string().max(128).describe('Tenant of that system; "default" when there is one only'),
  kind_of_change: z.enum(['new', 'reopened', 'escalated']).describe('Part of the deduplication key'),
  format: z.enum(['guide', 'panther', 'generic', 'ocsf']).describe('Shape it arrived in'),
  title: z.string().max(500),
  description: z.string().max(4000),
  severity: severitySchema,
  created_at: z.string().describe('When the alert was raised, ISO 8601 in UTC'),
  rule: z.object({ id: z.string().max(256), name: z.string().max(500) }).nullable(),
  link: z.string().max(2000).nullable().describe('http(s) address of the alert in its own console'),
  entities: z.array(entitySchema).max(200),
  tags: z.array(z.string().max(128)).max(50),
  data_quality: z
    .array(alertNoteSchema)
    .max(mostNotes)
    .optional()
    .describe('What is odd about the alert itself, and what was assumed; absent when nothing is'),
});
export type Alert = z.infer<typeof alertSchema>;
