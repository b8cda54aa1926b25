import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import type { Alert } from './alert';
import {
  type Fields,
  identityLine,
  isFields,
  linkOf,
  optionalText,
  severityOf,
  tagsOf,
  timeOf,
  unixTimeOf,
} from './alert-fields';
import type { Notes } from './alert-notes';
import { ocsfEntities } from './ocsf-entities';

/** Detection Finding and Incident Finding; Security Finding is what OCSF 1.0 had in their place. */
const findingClasses = [2004, 2005, 2001];

/** Whether a body is an event in OCSF, of whatever class: each has the number of its class, or of its type. */
export function isOcsf(fields: Fields): boolean {
  return Number.isSafeInteger(fields.class_uid) || (Number.isSafeInteger(fields.type_uid) && isFields(fields.metadata));
}

type OcsfAlert = Omit<Alert, 'source' | 'tenant' | 'kind_of_change' | 'format'> & {
  product: unknown;
  tenant: unknown;
};

/**
 * A finding in OCSF (https://schema.ocsf.io), by the names of 1.1 and later (`finding_info`, `evidences`, `resources`) and by those of 1.0
 * (`finding`, `evidence`, `resource`). An update, or the end, of a finding belongs to the case that its first report opened. Throws
 * InvalidInputError that names the field.
 */
export function ocsfAlert(fields: Fields, notes: Notes): OcsfAlert {
  const classUid = Number.isSafeInteger(fields.class_uid)
    ? Number(fields.class_uid)
    : Math.floor(Number(fields.type_uid) / 100);
  if (!findingClasses.includes(classUid)) {
    throw new InvalidInputError(
      'class_uid',
      `${classUid} is no finding; send Detection Finding (2004) or Incident Finding (2005)`,
    );
  }
  const metadata = fieldsOf(fields.metadata);
  const product = fieldsOf(metadata.product);
  const { info, where } = findingInfo(fields, classUid);
  const id = firstOf(
    classUid === 2005 ? ['metadata.uid', metadata.uid] : [`${where}.uid`, info.uid],
    classUid === 2005 ? [`${where}.uid`, info.uid] : ['metadata.uid', metadata.uid],
  );
  const title = firstOf([`${where}.title`, info.title], ['message', fields.message], ['desc', fields.desc]);
  const idText = identityLine(id.field, id.value, 256);
  if (fields.activity_id === 3) {
    notes.add('activity_id', 'The product reports this finding as closed; it is investigated all the same.', false);
  }
  return {
    id: idText,
    severity: severityIn(fields, notes),
    product: product.name ?? product.vendor_name,
    tenant: metadata.tenant_uid ?? null,
    created_at: timeIn(fields, info, where, notes),
    entities: ocsfEntities(fields),
    title: cleanLine(optionalText(title.field, title.value, 500, `Finding ${idText}`), 500),
    description: optionalText('desc', info.desc ?? fields.desc ?? fields.message, 4000, ''),
    rule: ruleIn(info),
    link: linkOf(info.src_url ?? fields.src_url),
    tags: tagsOf(`${where}.types`, textsOnly(info.types)),
  };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function textsOnly(value: unknown): unknown[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The first value that is there, under its own name, so that an error names what the sender knows. */
function firstOf(...given: [field: string, value: unknown][]): { field: string; value: unknown } {
  const [field, value] = given.find(([, candidate]) => candidate !== undefined && candidate !== null) ??
    given[0] ?? ['alert', undefined];
  return { field, value: value ?? undefined };
}

/** An incident lists its findings; the first is the one it began with. */
function findingInfo(fields: Fields, classUid: number): { info: Fields; where: string } {
  if (classUid === 2005) {
    const list = fields.finding_info_list;
    return { info: fieldsOf(Array.isArray(list) ? list[0] : undefined), where: 'finding_info_list.0' };
  }
  return isFields(fields.finding_info) || !isFields(fields.finding)
    ? { info: fieldsOf(fields.finding_info), where: 'finding_info' }
    : { info: fieldsOf(fields.finding), where: 'finding' };
}

/** `severity_id` of OCSF: 1 Informational to 5 Critical, 6 Fatal. Unknown (0) and Other (99) leave it to the words. */
const severityWords = ['', 'informational', 'low', 'medium', 'high', 'critical', 'critical'];

function severityIn(fields: Fields, notes: Notes): Alert['severity'] {
  const word = severityWords[Number(fields.severity_id)];
  if (typeof fields.severity_id === 'number' && word) return severityOf('severity_id', word);
  try {
    return severityOf('severity', fields.severity);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    // OCSF has a number for "unknown", so that the alert is as good as any other.
    notes.add('severity_id', 'The finding does not say how severe it is; MEDIUM is assumed.', false);
    return 'MEDIUM';
  }
}

/** Times of OCSF are milliseconds since 1970, or ISO 8601 under the same name with `_dt`. */
function timeIn(fields: Fields, info: Fields, where: string, notes: Notes): string {
  const { field, value } = firstOf(
    ['time', fields.time],
    ['time_dt', fields.time_dt],
    [`${where}.created_time`, info.created_time],
    [`${where}.created_time_dt`, info.created_time_dt],
    [`${where}.first_seen_time`, info.first_seen_time],
  );
  return typeof value === 'number' ? unixTimeOf(field, value) : timeOf(field, value, notes);
}

function ruleIn(info: Fields): Alert['rule'] {
  const analytic = fieldsOf(info.analytic);
  const line = (value: unknown, max: number) => (typeof value === 'string' ? cleanLine(value, max) : '');
  const id = line(analytic.uid, 256);
  const name = line(analytic.name, 500);
  return id === '' && name === '' ? null : { id: id || cleanLine(name, 256), name: name || id };
}
