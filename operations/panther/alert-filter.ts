import { InvalidInputError } from '../errors';
import { readInstant, serviceInstant } from '../instant';
import { type AlertListing, type AlertRecord, actorOf } from './alert-shape';

/** The window of creation times that a list of alerts covers. ISO 8601 in UTC. */
export interface AlertWindow {
  from: string;
  /** Null: up to now. */
  to: string | null;
  /** Nobody gave the beginning. */
  defaulted: boolean;
}

export const defaultWindowDays = 7;
const dayMs = 24 * 3600 * 1000;

/**
 * The window asked for; without a beginning the seven days before its end. Panther's own default is 30 days, but only
 * while no date is given at all. Throws InvalidInputError for what is no date and for an end before the beginning.
 */
export function alertWindow(after: string | undefined, before: string | undefined, now: Date): AlertWindow {
  const to = before === undefined ? undefined : readInstant('created_before', before);
  const from =
    after === undefined ? (to ?? now.getTime()) - defaultWindowDays * dayMs : readInstant('created_after', after);
  if (to !== undefined && to <= from) {
    throw new InvalidInputError('created_before', 'is not later than created_after, so no alert can lie between them');
  }
  return {
    from: new Date(from).toISOString(),
    to: to === undefined ? null : new Date(to).toISOString(),
    defaulted: after === undefined,
  };
}

/** The filters whose field every alert carries, so that they can be checked here too. */
export interface AlertFilters {
  type: AlertListing;
  sub_types?: string[];
  detection_id?: string;
  name_contains?: string;
  severities?: string[];
  statuses?: string[];
  assignee_ids?: string[];
  event_count_min?: number;
  event_count_max?: number;
  qualities?: string[];
  context_tags?: string[];
}

/** Whether an alert is what was asked for, whatever the service made of its filters. A field it left out decides nothing. */
export function matchesFilters(alert: AlertRecord, filters: AlertFilters, window: AlertWindow): boolean {
  const created = serviceInstant(alert.createdAt);
  const known = listingOf(alert.type);
  const count = alert.eventCount ?? undefined;
  const name = filters.name_contains?.toLowerCase();
  return (
    !(created < Date.parse(window.from)) &&
    !(window.to !== null && created > Date.parse(window.to)) &&
    (known === undefined || known === filters.type) &&
    (alert.type === filters.type || oneOf(filters.sub_types, alert.type)) &&
    (filters.detection_id === undefined || alert.detection?.id === filters.detection_id) &&
    (name === undefined || alert.title == null || alert.title.toLowerCase().includes(name)) &&
    oneOf(filters.severities, alert.severity) &&
    oneOf(filters.statuses, alert.status) &&
    (isEmpty(filters.assignee_ids) || oneOf(filters.assignee_ids, actorOf(alert.assignee)?.id ?? '')) &&
    (isEmpty(filters.qualities) || oneOf(filters.qualities, alert.quality ?? '')) &&
    (isEmpty(filters.context_tags) || (alert.contextTags ?? []).some((tag) => filters.context_tags?.includes(tag))) &&
    !(count !== undefined && count < (filters.event_count_min ?? 0)) &&
    !(count !== undefined && count > (filters.event_count_max ?? Number.POSITIVE_INFINITY))
  );
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function oneOf(list: readonly string[] | undefined, value: string | null | undefined): boolean {
  return isEmpty(list) || value == null || (list ?? []).includes(value);
}

/** Which of Panther's three lists an alert belongs to; undefined when it does not say its type. */
function listingOf(type: string | null | undefined): AlertListing | undefined {
  if (type == null || type === '') return undefined;
  if (type === 'SYSTEM_ERROR') return 'SYSTEM_ERROR';
  return type.endsWith('_ERROR') ? 'DETECTION_ERROR' : 'ALERT';
}
