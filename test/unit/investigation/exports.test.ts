import { z } from 'zod';
import type { CaseRecord } from '../../../operations/cases';
import { documentFormats, documentOf } from '../../../operations/investigation/exports/case-document';
import { toOcsf } from '../../../operations/investigation/exports/ocsf';
import { type StixObject, toStix } from '../../../operations/investigation/exports/stix';
import { uuidOf } from '../../../operations/investigation/exports/stix-id';
import { call } from '../../support/cloud-rows';
import { sampleRecord } from '../../support/sample-record';

const base = sampleRecord({}, [
  call('cloudtrail', 'StopLogging', { name: 't' }),
  call('iam', 'CreateAccessKey', { userName: 'svc' }),
]);
const record: CaseRecord = {
  ...base,
  alert: {
    ...base.alert,
    entities: [
      { type: 'user', value: 'eve' },
      { type: 'ip', value: '203.0.113.9' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'domain', value: 'Evil.example' },
      { type: 'email', value: 'eve@corp.example' },
      { type: 'sha256', value: 'f'.repeat(64) },
      { type: 'other', value: 'anything' },
      { type: 'ip', value: 'no address' },
    ],
  },
};

test('name-based UUIDs are those of RFC 9562', () => {
  // The example of the RFC's appendix: www.example.com in the namespace of DNS names.
  expect(uuidOf('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

describe('STIX 2.1', () => {
  const bundle = toStix(record);
  const byId = new Map(bundle.objects.map((entry) => [entry.id, entry]));
  const refs = (entry: StixObject) =>
    Object.entries(entry).flatMap(([key, value]) => (/_refs?$/.test(key) ? [value].flat() : [])) as string[];

  it('is a bundle whose ids are well formed, unique, and all there where they are referred to', () => {
    expect(byId.size).toBe(bundle.objects.length);
    for (const entry of bundle.objects) {
      expect(entry.id).toMatch(
        new RegExp(`^${entry.type}--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
      );
      expect(entry.spec_version).toBe('2.1');
      for (const ref of refs(entry)) expect(byId.has(ref)).toBe(true);
      for (const key of ['created', 'modified', 'first_observed', 'published']) {
        if (key in entry) expect(entry[key]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      }
    }
  });

  it('holds the incident, what the alert names and the techniques observed', () => {
    const types = bundle.objects.map(({ type }) => type);
    for (const type of [
      'incident',
      'report',
      'observed-data',
      'ipv4-addr',
      'ipv6-addr',
      'domain-name',
      'file',
      'user-account',
    ])
      expect(types).toContain(type);
    const patterns = bundle.objects.filter(({ type }) => type === 'attack-pattern').map(({ name }) => name);
    expect(patterns).toContain('T1562.008');
    expect(toStix(record)).toEqual(bundle);
  });
});

const added: CaseRecord = {
  ...record,
  additions: [
    {
      id: 'A1',
      kind: 'evidence',
      text: 'The owner\u202e was asked.',
      source: 'telephone',
      scrutiny: 'raise',
      severity: 'CRITICAL',
      author: 'alice',
      at: '2026-01-15T11:00:00Z',
    },
    {
      id: 'A2',
      kind: 'note',
      text: 'Seen.',
      source: null,
      scrutiny: 'none',
      severity: null,
      author: null,
      at: '2026-01-15T11:01:00Z',
    },
  ],
  related_alerts: [
    {
      alert: { ...record.alert, id: 'A-2', title: 'Simulated: again' },
      joined_at: '2026-01-15T11:02:00Z',
      shares: ['user:eve'],
      looked_at: false,
    },
  ],
};

describe('what a case rests on, and what was added to it', () => {
  /** STIX 2.1, section 4.10, and the common properties of section 3.2: no other member may be in a note of ours. */
  const idOf = (type: string) => z.string().regex(new RegExp(`^${type}--[0-9a-f-]{36}$`));
  const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const texts = z.array(z.string().min(1)).min(1);
  const note = z.strictObject({
    type: z.literal('note'),
    spec_version: z.literal('2.1'),
    id: idOf('note'),
    created_by_ref: idOf('identity'),
    created: time,
    modified: time,
    labels: texts,
    abstract: z.string().min(1),
    content: z.string().min(1),
    authors: texts.optional(),
    object_refs: z.array(idOf('[a-z0-9-]+')).min(1),
    external_references: z
      .array(
        z
          .strictObject({
            source_name: z.string().min(1),
            description: z.string().optional(),
            url: z.string().optional(),
            external_id: z.string().min(1).optional(),
          })
          // A reference says more than its source.
          .refine(({ description, url, external_id }) => [description, url, external_id].some((part) => part)),
      )
      .min(1)
      .optional(),
  });

  it('is a note of the STIX bundle each, by the schema of notes, about the incident', () => {
    const bundle = toStix(added);
    const notes = bundle.objects.filter(({ type }) => type === 'note');
    for (const entry of notes) expect(note.safeParse(entry).error?.issues ?? []).toEqual([]);
    expect(notes).toHaveLength(added.evidence.length + 3);
    for (const { id, statement } of added.evidence)
      expect(notes.map(({ content }) => content)).toContain(`[${id}] ${statement}`);
    expect(notes.map(({ content }) => content)).toContain('The owner was asked.');
    expect(notes.find(({ abstract }) => String(abstract).startsWith('[A1]'))).toMatchObject({ authors: ['alice'] });
    expect(notes.find(({ labels }) => String(labels).includes('related-alert'))).toMatchObject({
      external_references: [{ external_id: 'A-2' }],
    });
    const report = bundle.objects.find(({ type }) => type === 'report');
    for (const { id } of notes) expect(report?.object_refs).toContain(id);
    expect(new Set(bundle.objects.map(({ id }) => id)).size).toBe(bundle.objects.length);
  });

  it('every sentence that the bundle says of the incident names evidence that is a note in it', () => {
    const bundle = toStix(added);
    const incident = bundle.objects.find(({ type }) => type === 'incident');
    const report = bundle.objects.find(({ type }) => type === 'report');
    const cited = `${incident?.description} ${report?.description}`.match(/\[(E\d+)/g) ?? [];
    expect(cited.length).toBeGreaterThan(1);
    const known = bundle.objects.map(({ content }) => String(content ?? '').match(/^\[E\d+/)?.[0]);
    for (const id of cited) expect(known).toContain(id);
    for (const line of String(report?.description).split('\n')) expect(line).toMatch(/^\[E\d+\] /);
  });

  it('is in the OCSF finding: related alerts as findings, additions beside what the class has no place for', () => {
    const finding = toOcsf(added, []);
    expect(finding.finding_info_list).toContainEqual(
      expect.objectContaining({ uid: 'A-2', title: 'Simulated: again', types: ['related alert'] }),
    );
    expect(finding.unmapped).toMatchObject({ additions: [{ id: 'A1' }, { id: 'A2' }] });
    expect(toOcsf(record, []).unmapped).not.toHaveProperty('additions');
  });
});

describe('OCSF 1.5', () => {
  const finding = toOcsf(record, []);

  it('has what an Incident Finding requires, with consistent ids', () => {
    expect(finding).toMatchObject({
      class_uid: 2005,
      category_uid: 2,
      type_uid: 200_502,
      activity_id: 2,
      status_id: 2,
      metadata: { version: '1.5.0', product: { name: 'soc-bridge' } },
    });
    expect(Number.isInteger(finding.time)).toBe(true);
    expect((finding.finding_info_list as unknown[]).length).toBe(1 + record.evidence.length);
  });

  it.each([
    ['true_positive', 2, 'True Positive'],
    ['false_positive', 1, 'False Positive'],
    ['benign_positive', 5, 'Benign'],
    ['needs_review', 7, 'Insufficient Data'],
    [null, 0, 'Unknown'],
  ] as const)('says %s as verdict %i', (outcome, verdict_id, verdict) => {
    expect(toOcsf({ ...record, outcome }, [])).toMatchObject({ verdict_id, verdict });
  });

  it('is sure of what the verdict says, not of an attack', () => {
    expect(toOcsf({ ...record, outcome: 'false_positive', probability: 0.04 }, [])).toMatchObject({
      confidence_score: 96,
      confidence: 'High',
      is_suspected_breach: false,
    });
  });
});

test.each(documentFormats)('%s: equal cases give equal bytes, and the hash is theirs', (format) => {
  const source = { record, history: [], predicted: null };
  const document = documentOf(source, format);
  expect(documentOf(source, format)).toEqual(document);
  expect(document.fileName).toMatch(/^INV-1\.[a-z.]+$/);
  if (format === 'json' || format === 'stix' || format === 'ocsf')
    expect(() => JSON.parse(document.content)).not.toThrow();
});
