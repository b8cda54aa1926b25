import type { CloudTrailRow, Json } from './cloudtrail-row';
import { RequestError, uuid } from './query-log';

export type Severity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'INFO';
export type AlertStatus = 'OPEN' | 'TRIAGED' | 'RESOLVED' | 'CLOSED';

/** A rule that raises alerts. */
export interface Rule {
  id: string;
  name: string;
  severity: Severity;
  description: string;
  runbook: string;
  tags: string[];
  /** Body of the rule, Python as in Panther. */
  body: string;
}

export type AlertType = 'POLICY' | 'RULE' | 'RULE_ERROR' | 'SCHEDULED_RULE' | 'SCHEDULED_RULE_ERROR' | 'SYSTEM_ERROR';

/** One attempt to send an alert to a destination, as GraphQL gives it; REST leaves out `url`. */
export interface StoredDelivery {
  dispatchedAt: string;
  label: string;
  message: string;
  outputId: string;
  statusCode: number;
  success: boolean;
  url: string;
}

export interface StoredAlert {
  /** 32 hexadecimal characters, as Panther's are. */
  id: string;
  title: string;
  severity: Severity;
  rule: Rule;
  /** ISO 8601. */
  createdAt: string;
  events: CloudTrailRow[];
  context: Record<string, Json>;
  status: AlertStatus;
  updatedAt?: string;
  assigneeId?: string;
  quality?: string;
  contextTags: string[];
  /** RULE unless given. */
  type?: AlertType;
  deliveries?: StoredDelivery[];
  /** What the alert is about; AWS.CloudTrail of the simulated source unless given. */
  logTypes?: string[];
  logSources?: string[];
  resourceTypes?: string[];
  /** Only for SYSTEM_ERROR, in REST's shape. */
  systemError?: { type: string; sourceId?: string; sourceType?: string };
}

export interface StoredComment {
  id: string;
  alertId: string;
  body: string;
  format: 'PLAIN_TEXT' | 'HTML';
  createdAt: string;
}

export interface AlertFilter {
  /** ALERT, DETECTION_ERROR or SYSTEM_ERROR; every kind unless given. */
  type?: string;
  subtypes?: readonly string[];
  createdAtAfter?: string;
  createdAtBefore?: string;
  detectionId?: string;
  eventCountMin?: number;
  eventCountMax?: number;
  nameContains?: string;
  severities?: readonly string[];
  statuses?: readonly string[];
  logTypes?: readonly string[];
  logSources?: readonly string[];
  resourceTypes?: readonly string[];
  assigneeIds?: readonly string[];
  qualities?: readonly string[];
  /** Alerts with any of them. */
  contextTags?: readonly string[];
  ascending?: boolean;
}

/** What may be said about an alert that is to be raised. */
export interface RaisedAlert {
  rule_id?: string;
  title?: string;
  severity?: Severity;
  /** ISO 8601; default now. */
  created_at?: string;
}

export interface Page<T> {
  items: T[];
  /** Where the next page begins; undefined at the end. */
  next?: string;
}

/** Alerts and their comments. What callers change is kept apart from what was seeded, so `reset` brings it back. */
export class AlertStore {
  private alerts = new Map<string, StoredAlert>();
  private comments: StoredComment[] = [];
  private raised = 0;

  constructor(
    private readonly seeded: readonly StoredAlert[],
    private readonly clock: () => Date,
  ) {
    this.reset();
  }

  reset(): void {
    this.alerts = new Map(this.seeded.map((alert) => [alert.id, { ...alert, contextTags: [...alert.contextTags] }]));
    this.comments = [];
  }

  /**
   * A new alert, made after the newest one of the same rule, or of any. Throws RequestError when there is none to make it
   * after.
   */
  raise(given: RaisedAlert): StoredAlert {
    const known = this.list({ detectionId: given.rule_id }, 1).items[0];
    if (!known) throw new RequestError(`no rule ${given.rule_id ?? ''} has raised an alert`);
    this.raised += 1;
    const alert: StoredAlert = {
      ...known,
      id: uuid(`raised/${this.raised}/${this.clock().getTime()}`).replaceAll('-', ''),
      title: given.title ?? known.title,
      severity: given.severity ?? known.severity,
      createdAt: new Date(given.created_at ?? this.clock()).toISOString(),
      status: 'OPEN',
      contextTags: [],
      deliveries: [],
    };
    this.alerts.set(alert.id, alert);
    return alert;
  }

  /** Throws RequestError for an unknown id. Dashes and case do not matter, as in Panther. */
  get(id: string): StoredAlert {
    const alert = this.alerts.get(id.replaceAll('-', '').toLowerCase());
    if (!alert) throw new RequestError(`alert not found: ${id}`);
    return alert;
  }

  list(filter: AlertFilter, pageSize: number, cursor?: string | null): Page<StoredAlert> {
    const matching = [...this.alerts.values()].filter((alert) => matches(alert, filter));
    matching.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));
    if (filter.ascending) matching.reverse();
    return paged(matching, pageSize, cursor, (alert) => alert.id);
  }

  /** Changes alerts; all ids are looked up before anything changes. */
  update(
    ids: readonly string[],
    change: Partial<Pick<StoredAlert, 'status' | 'assigneeId' | 'quality' | 'contextTags'>>,
  ): StoredAlert[] {
    const alerts = ids.map((id) => this.get(id));
    for (const alert of alerts) Object.assign(alert, change, { updatedAt: this.clock().toISOString() });
    return alerts;
  }

  comment(alertId: string, body: string, format: StoredComment['format']): StoredComment {
    const alert = this.get(alertId);
    const comment: StoredComment = {
      id: uuid(`comment/${alert.id}/${this.comments.length}`),
      alertId: alert.id,
      body,
      format,
      createdAt: this.clock().toISOString(),
    };
    this.comments.push(comment);
    return comment;
  }

  commentsOf(alertId: string, pageSize: number, cursor?: string | null): Page<StoredComment> {
    const alert = this.get(alertId);
    return paged(
      this.comments.filter((comment) => comment.alertId === alert.id),
      pageSize,
      cursor,
      (comment) => comment.id,
    );
  }

  /** Throws RequestError for an unknown id. */
  getComment(id: string): StoredComment {
    const comment = this.comments.find((candidate) => candidate.id === id);
    if (!comment) throw new RequestError(`comment not found: ${id}`);
    return comment;
  }
}

function matches(alert: StoredAlert, filter: AlertFilter): boolean {
  const created = Date.parse(alert.createdAt);
  const has = (list: readonly string[] | undefined, value: string | undefined): boolean =>
    list === undefined || list.length === 0 || (value !== undefined && list.includes(value));
  const any = (list: readonly string[] | undefined, values: readonly string[]): boolean =>
    list === undefined || list.length === 0 || values.some((value) => list.includes(value));
  const { type = 'RULE' } = alert;
  return (
    (filter.createdAtAfter === undefined || created >= Date.parse(filter.createdAtAfter)) &&
    (filter.createdAtBefore === undefined || created <= Date.parse(filter.createdAtBefore)) &&
    (filter.detectionId === undefined || alert.rule.id === filter.detectionId) &&
    alert.events.length >= (filter.eventCountMin ?? 0) &&
    alert.events.length <= (filter.eventCountMax ?? Number.POSITIVE_INFINITY) &&
    (filter.nameContains === undefined || alert.title.toLowerCase().includes(filter.nameContains.toLowerCase())) &&
    has(filter.severities, alert.severity) &&
    has(filter.statuses, alert.status) &&
    (filter.type === undefined || filter.type === listingType(type)) &&
    has(filter.subtypes, type) &&
    any(filter.logTypes, alert.logTypes ?? ['AWS.CloudTrail']) &&
    any(filter.logSources, alert.logSources ?? alert.events.map((event) => String(event.p_source_label))) &&
    any(filter.resourceTypes, alert.resourceTypes ?? []) &&
    any(filter.contextTags, alert.contextTags) &&
    has(filter.qualities, alert.quality) &&
    has(filter.assigneeIds, alert.assigneeId)
  );
}

function listingType(type: AlertType): string {
  if (type === 'SYSTEM_ERROR') return type;
  return type.endsWith('_ERROR') ? 'DETECTION_ERROR' : 'ALERT';
}

/**
 * One page of a list. The cursor is what Panther's is: serialised JSON with serialised JSON inside, full of quotes and
 * backslashes, so a client that pastes it into a query text breaks. Throws RequestError for one that was not given out.
 */
export function paged<T>(
  items: readonly T[],
  pageSize: number,
  cursor: string | null | undefined,
  idOf: (item: T) => string,
): Page<T> {
  let from = 0;
  if (cursor) {
    const after = readCursor(cursor);
    from = items.findIndex((item) => idOf(item) === after) + 1;
    if (from === 0) throw new RequestError('invalid cursor');
  }
  const page = items.slice(from, from + pageSize);
  const last = page.at(-1);
  if (last === undefined || from + page.length >= items.length) return { items: page };
  return { items: page, next: JSON.stringify({ lastEvaluatedKey: JSON.stringify({ id: { S: idOf(last) } }) }) };
}

function readCursor(cursor: string): string | undefined {
  try {
    const { lastEvaluatedKey } = JSON.parse(cursor) as { lastEvaluatedKey: string };
    return (JSON.parse(lastEvaluatedKey) as { id?: { S?: string } }).id?.S;
  } catch {
    throw new RequestError('invalid cursor');
  }
}
