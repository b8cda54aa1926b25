import { z } from 'zod';
import { cleanLine } from '../text';
import type { DetectionType } from './detection-types';

/**
 * A detection as the REST API gives it. Only the id is insisted on: the five kinds differ, and the live API is newer than
 * any public copy, so that a field of another shape counts as absent.
 */
const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).nullish().catch(null);
const count = z.number().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const actor = z.object({ id: text, type: text }).nullish().catch(null);

export const wireDetection = z.object({
  id: z.string().min(1),
  displayName: text,
  description: text,
  enabled: flag,
  severity: text,
  managed: flag,
  createAlert: flag,
  tags: texts,
  logTypes: texts,
  resourceTypes: texts,
  scheduledQueries: texts,
  correlationRuleReferenceIds: texts,
  outputIDs: texts,
  summaryAttributes: texts,
  suppressions: texts,
  reports: z.record(z.array(z.string())).nullish().catch(null),
  runbook: text,
  reference: text,
  threshold: count,
  dedupPeriodMinutes: count,
  inlineFilters: text,
  body: text,
  detection: text,
  pythonBody: text,
  tests: z
    .array(z.object({ name: text, expectedResult: flag }).nullable().catch(null))
    .nullish()
    .catch(null),
  createdAt: text,
  createdBy: actor,
  createdByExternal: text,
  lastModified: text,
  lastModifiedBy: actor,
});
export type WireDetection = z.output<typeof wireDetection>;

const actorOutput = z.object({ id: z.string().nullable(), type: z.string().nullable() }).nullable();

/** What lists and single records have in common. */
export const detectionFields = {
  id: z.string(),
  type: z.string().describe('rule, scheduled_rule, simple_rule, policy or correlation_rule'),
  name: z.string().describe('Its display name; its id when it has none'),
  description: z.string().nullable(),
  enabled: z.boolean().nullable().describe('Null when Panther does not say'),
  severity: z.string().nullable(),
  managed: z.boolean().nullable().describe('Whether Panther itself provides and updates it'),
  tags: z.array(z.string()),
  log_types: z.array(z.string()),
  resource_types: z.array(z.string()).describe('Of a policy'),
  scheduled_queries: z.array(z.string()).describe('Saved queries that a scheduled rule looks at'),
  output_ids: z.array(z.string()).describe('Destinations that override routing by severity'),
  created_at: z.string().nullable(),
  created_by: actorOutput,
  created_by_external: z.string().nullable().describe('Who is named in the files it was uploaded from'),
  last_modified: z.string().nullable(),
  last_modified_by: actorOutput,
};

export const detectionSummary = z.object(detectionFields);
export type DetectionSummary = z.output<typeof detectionSummary>;

/** The common fields, cleaned; `descriptionLength` caps the description. */
export function shapeDetection(type: DetectionType, wire: WireDetection, descriptionLength: number): DetectionSummary {
  return {
    id: cleanLine(wire.id, 300),
    type,
    name: lineOrNull(wire.displayName) ?? cleanLine(wire.id, 300),
    description: lineOrNull(wire.description, descriptionLength),
    enabled: wire.enabled ?? null,
    severity: lineOrNull(wire.severity, 60),
    managed: wire.managed ?? null,
    tags: lines(wire.tags),
    log_types: lines(wire.logTypes),
    resource_types: lines(wire.resourceTypes),
    scheduled_queries: lines(wire.scheduledQueries),
    output_ids: lines(wire.outputIDs),
    created_at: lineOrNull(wire.createdAt, 60),
    created_by: shapeActor(wire.createdBy),
    created_by_external: lineOrNull(wire.createdByExternal),
    last_modified: lineOrNull(wire.lastModified, 60),
    last_modified_by: shapeActor(wire.lastModifiedBy),
  };
}

function shapeActor(value: WireDetection['createdBy']): DetectionSummary['created_by'] {
  return value == null ? null : { id: lineOrNull(value.id), type: lineOrNull(value.type, 60) };
}

export function lineOrNull(value: string | null | undefined, maxLength = 300): string | null {
  const line = value == null ? '' : cleanLine(value, maxLength);
  return line === '' ? null : line;
}

export function lines(values: readonly string[] | null | undefined, most = 200): string[] {
  return (values ?? []).slice(0, most).map((value) => cleanLine(value, 300));
}
