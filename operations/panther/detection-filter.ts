import { InvalidInputError } from '../errors';
import type { WireDetection } from './detection-record';
import { type DetectionType, detectionKinds, detectionTypes } from './detection-types';
import type { RestQuery } from './rest';

/** What a detection has to be to be listed; undefined or empty means anything. */
export interface DetectionFilter {
  types?: readonly DetectionType[];
  name_contains?: string;
  enabled?: boolean;
  severities?: readonly string[];
  tags?: readonly string[];
  log_types?: readonly string[];
  resource_types?: readonly string[];
  created_by?: string;
  last_modified_by?: string;
  output_ids?: readonly string[];
}

/**
 * The types to read: those asked for, without those that have no log types, or no resource types, when the filter is by
 * these. Throws InvalidInputError when nothing could match.
 */
export function typesToRead(filter: DetectionFilter): DetectionType[] {
  const asked = detectionTypes.filter((type) => filter.types === undefined || filter.types.includes(type));
  const able = asked.filter((type) => {
    const { subject } = detectionKinds[type];
    return (
      (isAny(filter.log_types) || subject === 'log_types') &&
      (isAny(filter.resource_types) || subject === 'resource_types')
    );
  });
  if (able.length > 0) return able;
  throw new InvalidInputError(
    isAny(filter.resource_types) ? 'log_types' : 'resource_types',
    'no detection could match: rules, simple rules and correlation rules have log types, policies have resource types, and scheduled rules have neither',
  );
}

function isAny(wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.length === 0;
}

/** What Panther is asked to filter one list by. It has no filter by destination. */
export function filterQuery(type: DetectionType, filter: DetectionFilter): RestQuery {
  return {
    'name-contains': filter.name_contains,
    state: filter.enabled === undefined ? undefined : filter.enabled ? 'enabled' : 'disabled',
    severity: filter.severities,
    tag: filter.tags,
    'created-by': filter.created_by,
    'last-modified-by': filter.last_modified_by,
    'log-type': detectionKinds[type].filtersLogTypes ? filter.log_types : undefined,
    'resource-type': type === 'policy' ? filter.resource_types : undefined,
  };
}

/**
 * The same filter on a record. Who made or changed it last is left to Panther where a record does not say: some kinds do
 * not carry it.
 */
export function matchesFilter(record: WireDetection, filter: DetectionFilter): boolean {
  const name = filter.name_contains?.toLowerCase();
  return (
    (name === undefined || [record.displayName, record.id].some((held) => held?.toLowerCase().includes(name))) &&
    (filter.enabled === undefined || record.enabled === filter.enabled) &&
    anyOf(filter.severities, [record.severity ?? '']) &&
    anyOf(filter.tags, record.tags) &&
    anyOf(filter.log_types, record.logTypes) &&
    anyOf(filter.resource_types, record.resourceTypes) &&
    anyOf(filter.output_ids, record.outputIDs) &&
    isBy(filter.created_by, record.createdBy?.id) &&
    isBy(filter.last_modified_by, record.lastModifiedBy?.id)
  );
}

function anyOf(wanted: readonly string[] | undefined, held: readonly string[] | null | undefined): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const have = new Set((held ?? []).map((value) => value.toLowerCase()));
  return wanted.some((value) => have.has(value.toLowerCase()));
}

function isBy(wanted: string | undefined, actor: string | null | undefined): boolean {
  return wanted === undefined || actor == null || actor === wanted;
}
