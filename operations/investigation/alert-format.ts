import { createHash } from 'node:crypto';
import { InvalidInputError } from '../errors';
import { plainAlertId, testAlertId } from '../panther/alert-id';
import { cleanLine } from '../text';
import { type Alert, alertSchema, type Entity } from './alert';
import {
  type Fields,
  foreignSeverityOf,
  identityLine,
  indicatorsOf,
  isFields,
  linkOf,
  maxIndicators,
  optionalText,
  refuseAbsurdSize,
  requiredLine,
  severityOf,
  tagsOf,
  timeOf,
  unixTimeOf,
} from './alert-fields';
import { Notes } from './alert-notes';
import { entityTypeNamed, formatProblem, guessEntityType, refang, uniqueEntities } from './indicators';
import { isOcsf, ocsfAlert } from './ocsf-alert';

export interface AlertOrigin {
  /** Overrides the system named in the body. */
  source?: string;
  tenant?: string;
}

/**
 * Any JSON as an Alert. Five shapes are known: the guide's `{id, severity, source, timestamp, indicators[]}`, the body
 * of Panther's custom webhook, the item of its triggers in n8n, a finding in OCSF, and a generic one with common synonyms. Throws
 * InvalidInputError, and nothing else, naming the first field at fault by its name in the body.
 */
export function parseAlert(body: unknown, origin: AlertOrigin = {}): Alert {
  if (!isFields(body)) throw new InvalidInputError('alert', 'must be a JSON object');
  const fields = unwrapped(body);
  refuseAbsurdSize(fields);
  const notes = new Notes();
  const alert = shapeOf(fields)(fields, origin, notes);
  return notes.list.length === 0 ? alert : { ...alert, data_quality: notes.list };
}

/** Our own form is taken as it is; anything else goes through the strict reader. */
export function alertOf(value: Readonly<Record<string, unknown>>): Alert {
  const known = alertSchema.safeParse(value);
  return known.success ? known.data : parseAlert(value);
}

function shapeOf(fields: Fields): (fields: Fields, origin: AlertOrigin, notes: Notes) => Alert {
  if (isOcsf(fields)) return (given, origin, notes) => fromOcsf(given, origin, notes);
  if ('alertId' in fields && !('indicators' in fields)) return pantherAlert;
  return 'indicators' in fields || ('timestamp' in fields && 'source' in fields) ? guideAlert : genericAlert;
}

function fromOcsf(fields: Fields, origin: AlertOrigin, notes: Notes): Alert {
  const { product, tenant, ...rest } = ocsfAlert(fields, notes);
  return {
    ...rest,
    source: sourceOf('metadata.product.name', product, origin, 'ocsf'),
    tenant: tenantOf({ tenant }, origin),
    kind_of_change: changeOf(fields),
    format: 'ocsf',
  };
}

/** Webhook nodes hand over `{headers, params, query, body}`; what counts is the body. */
function unwrapped(fields: Fields): Fields {
  if (fields.source === 'panther' && 'alert_id' in fields && 'received_by' in fields) return asWebhookBody(fields);
  return isFields(fields.body) && isFields(fields.headers) && !('id' in fields) ? fields.body : fields;
}

/** The item of Panther's triggers in n8n, pushed or polled, under the names that Panther's webhook uses. */
function asWebhookBody(item: Fields): Fields {
  return {
    alertId: item.alert_id,
    id: item.detection_id,
    name: item.detection_name,
    title: item.title,
    severity: item.severity,
    createdAt: item.created_at,
    alertContext: item.context,
    description: item.description,
    link: item.link,
    tags: item.tags,
    tenant: item.tenant,
  };
}

function sourceOf(field: string, value: unknown, origin: AlertOrigin, fallback?: string): string {
  const given = origin.source?.trim() ? origin.source : (value ?? fallback);
  return identityLine(field, given, 128).toLowerCase();
}

function tenantOf(fields: Fields, origin: AlertOrigin): string {
  const given = origin.tenant?.trim() ? origin.tenant : fields.tenant;
  return given === undefined || given === null || given === '' ? 'default' : identityLine('tenant', given, 128);
}

const changes = ['new', 'reopened', 'escalated'] as const;

function changeOf(fields: Fields): Alert['kind_of_change'] {
  const value = fields.kind_of_change;
  if (value === undefined || value === null) return 'new';
  const word = requiredLine('kind_of_change', value, 32).toLowerCase();
  const change = changes.find((known) => known === word);
  if (change === undefined) throw new InvalidInputError('kind_of_change', `"${word}" is none of ${changes.join(', ')}`);
  return change;
}

function ruleOf(fields: Fields): Alert['rule'] {
  if (isFields(fields.rule)) {
    const id = optionalText('rule.id', fields.rule.id, 256, '');
    const name = optionalText('rule.name', fields.rule.name, 500, id);
    return id === '' && name === '' ? null : { id: id || cleanLine(name, 256), name };
  }
  const id = optionalText('rule', fields.rule ?? fields.rule_id, 256, '');
  return id === '' ? null : { id: cleanLine(id, 256), name: optionalText('rule_name', fields.rule_name, 500, id) };
}

function guideAlert(fields: Fields, origin: AlertOrigin, notes: Notes): Alert {
  const id = identityLine('id', fields.id, 256);
  return {
    id,
    severity: severityOf('severity', fields.severity),
    source: sourceOf('source', fields.source, origin),
    tenant: tenantOf(fields, origin),
    kind_of_change: changeOf(fields),
    format: 'guide',
    created_at: timeOf('timestamp', fields.timestamp, notes),
    entities: uniqueEntities(indicatorsOf('indicators', fields.indicators)),
    title: cleanLine(optionalText('title', fields.title ?? fields.name, 500, `Alert ${id}`), 500),
    description: optionalText('description', fields.description, 4000, ''),
    rule: ruleOf(fields),
    link: linkOf(fields.link ?? fields.url),
    tags: tagsOf('tags', fields.tags),
  };
}

/** Panther's custom webhook: `id` is the detection and `alertId` the alert. Its test button sends `Test.Alert`. */
function pantherAlert(fields: Fields, origin: AlertOrigin, notes: Notes): Alert {
  const id = plainAlertId(identityLine('alertId', fields.alertId, 256));
  const detection = optionalText('id', fields.id, 256, '');
  const name = optionalText('name', fields.name, 500, detection);
  const tags = tagsOf('tags', fields.tags);
  if (fields.alertContext !== undefined && fields.alertContext !== null && !isFields(fields.alertContext)) {
    throw new InvalidInputError('alertContext', 'must be an object');
  }
  return {
    id,
    severity: severityOf('severity', fields.severity),
    source: sourceOf('source', undefined, origin, 'panther'),
    tenant: tenantOf(fields, origin),
    kind_of_change: changeOf(fields),
    format: 'panther',
    created_at: timeOf('createdAt', fields.createdAt, notes),
    entities: entitiesIn(fields.alertContext),
    title: cleanLine(optionalText('title', fields.title, 500, name || `Alert ${id}`), 500),
    description: optionalText('description', fields.description, 4000, ''),
    rule: detection === '' && name === '' ? null : { id: detection || cleanLine(name, 256), name },
    link: linkOf(fields.link),
    tags: id === testAlertId ? [...new Set([...tags.slice(0, 49), 'test'])] : tags,
  };
}

const synonyms = {
  id: ['id', 'alert_id', 'alertID', 'incident_id', 'event_id', 'uid', 'uuid'],
  severity: ['severity', 'priority', 'level', 'risk'],
  time: ['created_at', 'createdAt', 'timestamp', 'time', '@timestamp', 'detected_at', 'event_time', 'date'],
  source: ['source', 'vendor', 'product', 'provider'],
  title: ['title', 'name', 'summary', 'subject', 'rule_name'],
  description: ['description', 'message', 'details', 'body'],
  entities: ['entities', 'observables', 'iocs', 'artifacts'],
  link: ['link', 'url', 'html_url', 'permalink'],
  tags: ['tags', 'labels'],
} as const;

/** The first synonym that is there, with its own name, so that an error names the field the sender knows. */
function pick(fields: Fields, kind: keyof typeof synonyms): { field: string; value: unknown } {
  const found = synonyms[kind].find((name) => fields[name] !== undefined && fields[name] !== null);
  return { field: found ?? synonyms[kind][0], value: found === undefined ? undefined : fields[found] };
}

function genericAlert(fields: Fields, origin: AlertOrigin, notes: Notes): Alert {
  const id = pick(fields, 'id');
  const time = pick(fields, 'time');
  const severity = pick(fields, 'severity');
  const source = pick(fields, 'source');
  const title = pick(fields, 'title');
  const description = pick(fields, 'description');
  const listed = pick(fields, 'entities');
  const tags = pick(fields, 'tags');
  const idText = identityLine(id.field, Number.isSafeInteger(id.value) ? String(id.value) : id.value, 256);
  return {
    id: idText,
    severity: foreignSeverityOf(severity.field, severity.value, notes),
    source: sourceOf(source.field, source.value, origin, 'generic'),
    tenant: tenantOf(fields, origin),
    kind_of_change: changeOf(fields),
    format: 'generic',
    created_at:
      typeof time.value === 'number' ? unixTimeOf(time.field, time.value) : timeOf(time.field, time.value, notes),
    entities:
      listed.value === undefined ? entitiesIn(fields) : uniqueEntities(indicatorsOf(listed.field, listed.value)),
    title: cleanLine(optionalText(title.field, title.value, 500, `Alert ${idText}`), 500),
    description: optionalText(description.field, description.value, 4000, ''),
    rule: ruleOf(fields),
    link: linkOf(pick(fields, 'link').value),
    tags: tagsOf(tags.field, tags.value),
  };
}

/** Keys under which events name who and where. Only these are read: free text is no indicator. */
const actorKeys: Readonly<Record<string, Entity['type'] | 'guess'>> = {
  arn: 'aws_arn',
  userarn: 'aws_arn',
  useridentityarn: 'aws_arn',
  actorarn: 'aws_arn',
  anyawsarns: 'aws_arn',
  username: 'user',
  user: 'guess',
  actor: 'guess',
  principal: 'guess',
  anyusernames: 'guess',
  email: 'email',
  actoremail: 'email',
  anyemails: 'email',
  accesskeyid: 'access_key',
  accesskey: 'access_key',
  sourceip: 'ip',
  sourceipaddress: 'ip',
  ip: 'ip',
  ipaddress: 'ip',
  clientip: 'ip',
  srcip: 'ip',
  src: 'guess',
  remoteip: 'ip',
  anyipaddresses: 'ip',
  accountid: 'aws_account',
  recipientaccountid: 'aws_account',
  awsaccountid: 'aws_account',
  anyawsaccountids: 'aws_account',
  hostname: 'host',
  instanceid: 'host',
  sha256: 'sha256',
};

/** Entities named by an alert's context, to a depth of 8. What does not look like its type is left out. */
function entitiesIn(context: unknown): Entity[] {
  const found: Entity[] = [];
  const visit = (key: string, value: unknown, depth: number): void => {
    if (depth > 8 || found.length >= maxIndicators) return;
    if (Array.isArray(value)) {
      for (const item of value.slice(0, 100)) visit(key, item, depth + 1);
      return;
    }
    if (isFields(value)) {
      for (const [name, item] of Object.entries(value)) visit(name, item, depth + 1);
      return;
    }
    const short = key
      .toLowerCase()
      .replace(/^p_/, '')
      .replace(/[\s_.-]/g, '');
    const wanted = Object.hasOwn(actorKeys, short) ? actorKeys[short] : undefined;
    if (wanted === undefined || typeof value !== 'string' || value.length > 512) return;
    const text = refang(cleanLine(value, 512));
    if (text === '' || text === '-') return;
    const type = wanted === 'guess' ? guessEntityType(text) : (entityTypeNamed(wanted) ?? wanted);
    if (formatProblem(type, text) === undefined) found.push({ type, value: text });
  };
  visit('', context, 0);
  return uniqueEntities(found).slice(0, maxIndicators);
}

/** Percent-encoded; half a character by its number in a form that no whole one has, so that no two texts become one. */
function encoded(part: string): string {
  return part
    .split(/(\p{Surrogate})/u)
    .map((piece, index) => (index % 2 === 0 ? encodeURIComponent(piece) : `%u${piece.charCodeAt(0).toString(16)}`))
    .join('');
}

/**
 * What makes two deliveries the same case: source, tenant, alert id and kind of change. Each part is percent-encoded,
 * so that the separating colon cannot come from a part; long keys become their SHA-256.
 */
export function dedupKey(alert: Pick<Alert, 'source' | 'tenant' | 'id' | 'kind_of_change'>): string {
  const key = [alert.source, alert.tenant, alert.id, alert.kind_of_change].map(encoded).join(':');
  return key.length <= 200 ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
