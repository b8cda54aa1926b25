import type { CaseRecord, CasesPort } from '../../../operations/cases';

export type OpenInput = Parameters<CasesPort['open']>[0];

/** A simulated alert in our form. */
export function sampleOpen(id = 'simulated-alert-1'): OpenInput {
  return {
    dedup_key: `panther:default:${id}:new`,
    title: 'Simulated: access key created for another user',
    severity: 'HIGH',
    alert: {
      id,
      source: 'panther',
      tenant: 'default',
      kind_of_change: 'new',
      format: 'panther',
      title: 'Simulated: access key created for another user',
      description: 'A simulated alert for tests.',
      severity: 'HIGH',
      created_at: '2026-11-01T10:00:00.000Z',
      rule: { id: 'AWS.IAM.AccessKeyCreated', name: 'IAM access key created' },
      link: null,
      entities: [{ type: 'user', value: 'simulated-user' }],
      tags: [],
    },
  };
}

export function sampleEvidence(id: string, weight = 1.5): CaseRecord['evidence'][number] {
  return {
    id,
    rule: 'access_key_for_other_user',
    family: 'hostile',
    statement: `Simulated statement ${id} with 3 events`,
    weight,
    strength: 'moderate',
    techniques: ['T1098.001'],
    source: 'panther:aws_cloudtrail',
    query_id: 'q-1',
    query_label: 'Activity of the user',
    row_refs: ['row-1'],
    row_sha256: 'ab'.repeat(32),
    first_at: '2026-11-01T09:00:00.000Z',
    last_at: '2026-11-01T09:30:00.000Z',
  };
}
