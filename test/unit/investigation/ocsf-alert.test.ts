import { InvalidInputError } from '../../../operations/errors';
import { dedupKey, parseAlert } from '../../../operations/investigation/alert-format';

/** A Detection Finding by the names of OCSF 1.1 and later, as a cloud detector sends it. Simulated. */
const detection = {
  activity_id: 1,
  category_uid: 2,
  class_uid: 2004,
  type_uid: 200401,
  time: Date.parse('2026-01-15T09:30:00Z'),
  severity_id: 4,
  severity: 'High',
  metadata: {
    version: '1.6.0',
    uid: 'event-1',
    product: { name: 'GuardDuty', vendor_name: 'AWS' },
    tenant_uid: 'tenant-7',
  },
  finding_info: {
    uid: 'finding-1',
    title: 'Anomalous IAM calls',
    desc: 'Calls that this user never made.',
    types: ['TTPs/Persistence'],
    analytic: { uid: 'PersistenceIAMUser', name: 'Persistence:IAMUser/AnomalousBehavior', type_id: 1 },
    src_url: 'https://console.example/finding-1',
  },
  evidences: [
    {
      actor: {
        user: {
          name: 'eve',
          uid: 'arn:aws:iam::111122223333:user/eve',
          credential_uid: 'AKIAIOSFODNN7EXAMPLE',
          account: { uid: '111122223333' },
        },
      },
      src_endpoint: { ip: '203.0.113.9', hostname: 'kali.example.internal' },
      api: { operation: 'CreateAccessKey' },
    },
  ],
  resources: [
    { uid: 'arn:aws:s3:::bucket', type: 'AWS::S3::Bucket' },
    { uid: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0', type: 'AWS::EC2::Instance' },
  ],
  observables: [
    { name: 'device.ip', type_id: 2, value: '198.51.100.7' },
    { name: 'process.name', type_id: 9, value: 'eve2' },
  ],
  unmapped: { user: 'not-an-entity' },
};

const values = (body: unknown) => parseAlert(body).entities.map(({ type, value }) => `${type} ${value}`);

test('a Detection Finding by current names', () => {
  expect(parseAlert(detection)).toMatchObject({
    id: 'finding-1',
    source: 'guardduty',
    tenant: 'tenant-7',
    kind_of_change: 'new',
    format: 'ocsf',
    severity: 'HIGH',
    created_at: '2026-01-15T09:30:00.000Z',
    title: 'Anomalous IAM calls',
    rule: { id: 'PersistenceIAMUser', name: 'Persistence:IAMUser/AnomalousBehavior' },
    link: 'https://console.example/finding-1',
    tags: ['TTPs/Persistence'],
  });
  expect(values(detection)).toEqual([
    'host i-0123456789abcdef0',
    'user eve',
    'aws_arn arn:aws:iam::111122223333:user/eve',
    'access_key AKIAIOSFODNN7EXAMPLE',
    'aws_account 111122223333',
    'ip 203.0.113.9',
    'host kali.example.internal',
    'ip 198.51.100.7',
  ]);
});

test('the names of 1.0: Security Finding, `finding`, single `evidence` and `resource`, the account beside the user', () => {
  const { finding_info, evidences, resources: _r, class_uid: _c, type_uid: _t, ...rest } = detection;
  const [evidence] = evidences;
  const user = { ...evidence?.actor.user, account: undefined, account_uid: '111122223333' };
  const old = {
    ...rest,
    class_uid: 2001,
    finding: finding_info,
    evidence: { ...evidence, actor: { user } },
    resource: { uid: 'arn:aws:iam::111122223333:role/deploy', type: 'AwsIamRole' },
  };
  expect(parseAlert(old)).toMatchObject({ id: 'finding-1', title: 'Anomalous IAM calls', severity: 'HIGH' });
  expect(values(old)).toEqual(
    expect.arrayContaining([
      'aws_arn arn:aws:iam::111122223333:role/deploy',
      'user eve',
      'aws_account 111122223333',
      'ip 203.0.113.9',
    ]),
  );
});

test('an Incident Finding: its own id, the first finding for the rest', () => {
  const { finding_info, ...rest } = detection;
  const incident = { ...rest, class_uid: 2005, type_uid: 200501, finding_info_list: [finding_info, { uid: 'second' }] };
  expect(parseAlert(incident)).toMatchObject({ id: 'event-1', title: 'Anomalous IAM calls', format: 'ocsf' });
  const { uid: _, ...metadata } = detection.metadata;
  expect(parseAlert({ ...incident, metadata })).toMatchObject({ id: 'finding-1' });
});

test('an update, or the end, of a finding is the same case', () => {
  const key = dedupKey(parseAlert(detection));
  expect(dedupKey(parseAlert({ ...detection, activity_id: 2, type_uid: 200402, severity_id: 5 }))).toBe(key);
  const closed = parseAlert({ ...detection, activity_id: 3 });
  expect(dedupKey(closed)).toBe(key);
  expect(closed.data_quality).toMatchObject([{ field: 'activity_id', keeps_open: false }]);
});

test('severity by its number, by its words, and unknown', () => {
  const severity = (given: object) => parseAlert({ ...detection, ...given }).severity;
  expect([1, 2, 3, 4, 5, 6].map((severity_id) => severity({ severity_id }))).toEqual([
    'LOW',
    'LOW',
    'MEDIUM',
    'HIGH',
    'CRITICAL',
    'CRITICAL',
  ]);
  expect(severity({ severity_id: 99, severity: 'critical' })).toBe('CRITICAL');
  const unknown = parseAlert({ ...detection, severity_id: 0, severity: 'Unknown' });
  expect(unknown).toMatchObject({ severity: 'MEDIUM', data_quality: [{ field: 'severity_id' }] });
});

test('times in milliseconds, or as text under _dt', () => {
  const { time: _, ...rest } = detection;
  expect(parseAlert({ ...rest, time_dt: '2026-01-15T10:30:00+01:00' }).created_at).toBe('2026-01-15T09:30:00.000Z');
  expect(
    parseAlert({ ...rest, finding_info: { ...detection.finding_info, created_time: 1_768_469_400_000 } }).created_at,
  ).toBe('2026-01-15T09:30:00.000Z');
});

test.each([
  ['class_uid', { ...detection, class_uid: 3002 }],
  ['time', { ...detection, time: undefined }],
  ['time', { ...detection, time: Number.NaN }],
  ['finding_info.uid', { ...detection, finding_info: { title: 'no uid' }, metadata: {} }],
  ['metadata.uid', { ...detection, class_uid: 2005, metadata: {} }],
])('names %s when it is at fault (%#)', (field, body) => {
  let thrown: unknown;
  try {
    parseAlert(body);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(InvalidInputError);
  expect((thrown as InvalidInputError).field).toBe(field);
});
