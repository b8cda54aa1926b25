import type { CaseRecord } from '../../cases';
import { cleanLine, cleanText } from '../../text';
import type { Entity } from '../alert';
import { canonicalJson } from '../canonical-json';
import { techniquesOf } from './ocsf';
import { observableNamespace, ownNamespace, uuidOf } from './stix-id';

export interface StixObject {
  type: string;
  id: string;
  [member: string]: unknown;
}

/**
 * The case as a STIX 2.1 bundle: an incident with the report about it, the observables that the alert names, the techniques
 * observed, and one sighting-like relationship each. Ids follow from the content, so the same case gives the same bundle and
 * importing it twice adds nothing.
 */
export function toStix(record: CaseRecord): StixObject & { objects: StixObject[] } {
  const created = timestamp(record.opened_at);
  const modified = timestamp(record.updated_at);
  const own = (type: string, name: string) => `${type}--${uuidOf(ownNamespace, `${type} ${name}`)}`;
  const producer: StixObject = {
    type: 'identity',
    spec_version: '2.1',
    id: own('identity', 'soc-bridge'),
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: 'soc-bridge',
    identity_class: 'system',
  };
  const base = { spec_version: '2.1', created_by_ref: producer.id, created, modified };
  const incident: StixObject = {
    type: 'incident',
    id: own('incident', record.id),
    ...base,
    name: cleanLine(record.title, 500),
    description: cleanLine(record.reason ?? 'Not decided yet.', 2000),
    labels: [record.outcome ?? 'undecided', `severity-${record.severity.toLowerCase()}`],
    ...confidenceOf(record),
    external_references: [
      { source_name: 'soc-bridge', external_id: record.id },
      {
        source_name: cleanLine(record.alert.source, 128),
        external_id: cleanLine(record.alert.id, 256),
        ...(record.alert.link === null ? {} : { url: record.alert.link }),
      },
    ],
  };
  const observables = unique(record.alert.entities.flatMap(observableOf));
  const observed: StixObject[] = observables.length === 0 ? [] : [observedData(record, own, base, observables)];
  const patterns = techniquesOf(record).map(
    (technique): StixObject => ({
      type: 'attack-pattern',
      id: own('attack-pattern', technique),
      spec_version: '2.1',
      created_by_ref: producer.id,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      name: technique,
      external_references: [
        {
          source_name: 'mitre-attack',
          external_id: technique,
          url: `https://attack.mitre.org/techniques/${technique.replace('.', '/')}`,
        },
      ],
    }),
  );
  const relationships = [...patterns, ...observed].map(
    (target): StixObject => ({
      type: 'relationship',
      id: own('relationship', `${record.id} ${target.id}`),
      ...base,
      relationship_type: 'related-to',
      source_ref: incident.id,
      target_ref: target.id,
    }),
  );
  const notes = [...evidenceNotes(record, own, base, incident), ...additionNotes(record, own, base, incident)];
  const described = [incident, ...patterns, ...observed, ...observables, ...relationships, ...notes];
  const report: StixObject = {
    type: 'report',
    id: own('report', record.id),
    ...base,
    name: `Incident report ${record.id}`,
    description: record.evidence
      .filter(({ family }) => family === 'hostile')
      .slice(0, 20)
      .map(({ id, statement }) => `[${id}] ${cleanLine(statement, 1000)}`)
      .join('\n'),
    report_types: ['incident'],
    published: modified,
    object_refs: described.map(({ id }) => id),
  };
  const objects = [producer, report, ...described];
  return { type: 'bundle', id: `bundle--${uuidOf(ownNamespace, canonicalJson(objects))}`, objects };
}

type Own = (type: string, name: string) => string;

/** One note for each statement that the verdict rests on, with its id, its weight and where it can be read again. */
function evidenceNotes(
  record: CaseRecord,
  own: Own,
  base: Record<string, unknown>,
  incident: StixObject,
): StixObject[] {
  return record.evidence.map(({ id, statement, family, rule, weight, source, query_id, row_sha256 }) => ({
    type: 'note',
    id: own('note', `${record.id} ${id}`),
    ...base,
    abstract: `[${id}] ${family} evidence, rule ${rule}`,
    content: cleanLine(`[${id}] ${statement}`, 2000),
    labels: [`evidence-${family}`],
    external_references: [
      {
        source_name: cleanLine(source, 128),
        description: `weight ${weight.toFixed(2)}${row_sha256 === null ? '' : `, SHA-256 of the rows ${row_sha256}`}`,
        ...(query_id === null ? {} : { external_id: query_id }),
      },
    ],
    object_refs: [incident.id],
  }));
}

/** What people and models added, under the name that the bridge authenticated, and further alerts that joined. None has a weight. */
function additionNotes(
  record: CaseRecord,
  own: Own,
  base: Record<string, unknown>,
  incident: StixObject,
): StixObject[] {
  const added = record.additions.map(({ id, kind, text, source, author, at }) => ({
    type: 'note',
    id: own('note', `${record.id} ${id}`),
    ...base,
    created: timestamp(at),
    modified: timestamp(at),
    abstract: `[${id}] ${kind === 'note' ? 'note' : 'statement'} without a weight${source === null ? '' : `, source ${cleanLine(source, 200)}`}`,
    content: cleanText(text, 4000),
    authors: [author === null ? "holder of the bridge's shared token" : cleanLine(author, 200)],
    labels: [`added-${kind}`],
    object_refs: [incident.id],
  }));
  const joined = record.related_alerts.map(({ alert, joined_at, shares, looked_at }) => ({
    type: 'note',
    id: own('note', `${record.id} alert ${alert.source} ${alert.tenant} ${alert.id} ${alert.kind_of_change}`),
    ...base,
    created: timestamp(joined_at),
    modified: timestamp(joined_at),
    abstract: `related alert, ${looked_at ? 'covered by the queries' : 'not covered by the queries'}`,
    content: cleanLine(`${alert.title}: shares ${shares.join(', ')}`, 2000),
    labels: ['related-alert', `severity-${alert.severity.toLowerCase()}`],
    external_references: [{ source_name: cleanLine(alert.source, 128), external_id: cleanLine(alert.id, 256) }],
    object_refs: [incident.id],
  }));
  return [...added, ...joined];
}

function observedData(
  record: CaseRecord,
  own: (type: string, name: string) => string,
  base: Record<string, unknown>,
  observables: readonly StixObject[],
): StixObject {
  const times = record.evidence
    .flatMap(({ first_at, last_at }) => [first_at, last_at])
    .filter((time): time is string => time !== null && Number.isFinite(Date.parse(time)))
    .sort();
  return {
    type: 'observed-data',
    id: own('observed-data', record.id),
    ...base,
    first_observed: timestamp(times[0] ?? record.alert.created_at),
    last_observed: timestamp(times.at(-1) ?? record.alert.created_at),
    number_observed: 1,
    object_refs: observables.map(({ id }) => id),
  };
}

/** Only what an alert names and STIX has an observable for; anything else is in the case. */
function observableOf({ type, value: raw }: Entity): StixObject[] {
  const value = cleanLine(raw, 512);
  switch (type) {
    case 'ip':
      return /^[0-9a-f.:]+$/i.test(value)
        ? [observable(value.includes(':') ? 'ipv6-addr' : 'ipv4-addr', { value })]
        : [];
    case 'domain':
    case 'host':
      return /^[a-z0-9.-]+\.[a-z]{2,}$/i.test(value) ? [observable('domain-name', { value: value.toLowerCase() })] : [];
    case 'email':
      return [observable('email-addr', { value })];
    case 'user':
    case 'role':
    case 'aws_arn':
    case 'access_key':
      return [observable('user-account', { user_id: value })];
    case 'sha256':
      return /^[0-9a-f]{64}$/i.test(value) ? [observable('file', { hashes: { 'SHA-256': value.toLowerCase() } })] : [];
    default:
      return [];
  }
}

/** The id covers exactly the members that make the observable what it is, as STIX asks. */
function observable(type: string, members: Record<string, unknown>): StixObject {
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${uuidOf(observableNamespace, canonicalJson(members))}`,
    ...members,
  };
}

function unique(objects: readonly StixObject[]): StixObject[] {
  return [...new Map(objects.map((entry) => [entry.id, entry])).values()];
}

function confidenceOf({ probability, outcome }: CaseRecord): { confidence?: number } {
  return probability === null || outcome === null ? {} : { confidence: Math.round(probability * 100) };
}

/** STIX wants milliseconds and Z. */
function timestamp(time: string): string {
  const parsed = Date.parse(time);
  return new Date(Number.isFinite(parsed) ? parsed : 0).toISOString();
}
