import { evidenceRules } from '../../../operations/investigation/rules';
import { changeCases } from '../../support/change-answers';
import { cloudClasses } from '../../support/cloud-classes';
import { account, call, fired, group, judge, type Row, sampleAlert, usualIp } from '../../support/cloud-rows';
import { identityCases } from '../../support/identity-rows';

const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const trust = (principal: unknown) =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }] });
const times = (count: number, make: (index: number) => Row) => Array.from({ length: count }, (_, index) => make(index));
const denied = { error_code: 'AccessDenied' };
const open = (cidr: string, port: number) => ({
  groupId: 'sg-1',
  ipPermissions: { items: [{ fromPort: port, toPort: port, ipRanges: { items: [{ cidrIp: cidr }] } }] },
});
const root = { actor_type: 'Root', actor_arn: `arn:aws:iam::${account}:root`, actor_name: null };
const login = (result: string, change: Row = {}) =>
  call('signin', 'ConsoleLogin', {}, { response: { ConsoleLogin: result }, additional: { MFAUsed: 'Yes' }, ...change });
const machine = (ip: string) =>
  call(
    'sts',
    'GetSessionToken',
    {},
    {
      actor_type: 'AssumedRole',
      actor_arn: `arn:aws:sts::${account}:assumed-role/web/i-0123456789abcdef0`,
      issuer_arn: `arn:aws:iam::${account}:role/web`,
      actor_name: null,
      access_key_id: 'ASIAEXAMPLEEXAMPLE01',
      source_ip: ip,
    },
  );

/** For each rule: calls on which it fires, and near misses on which it must not. */
const hostile: [rule: string, hit: Row[], miss: Row[]][] = [
  [
    'self_privilege_grant',
    [call('iam', 'PutUserPolicy', { userName: 'eve', policyName: 'p' })],
    [call('iam', 'PutUserPolicy', { userName: 'bob', policyName: 'p' })],
  ],
  [
    'admin_policy_attached',
    [call('iam', 'AttachRolePolicy', { roleName: 'r', policyArn: admin })],
    [call('iam', 'AttachRolePolicy', { roleName: 'r', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })],
  ],
  [
    'policy_version_set',
    [call('iam', 'SetDefaultPolicyVersion', { policyArn: admin, versionId: 'v1' })],
    [call('iam', 'ListPolicyVersions', {})],
  ],
  [
    'access_key_for_other_user',
    [call('iam', 'CreateAccessKey', { userName: 'bob' })],
    [call('iam', 'CreateAccessKey', { userName: 'EVE' }), call('iam', 'CreateAccessKey')],
  ],
  [
    'login_profile_for_other_user',
    [call('iam', 'UpdateLoginProfile', { userName: 'bob' })],
    [call('iam', 'UpdateLoginProfile', { userName: 'eve' })],
  ],
  [
    'new_user_with_access',
    [
      call('iam', 'CreateUser', { userName: 'x' }),
      call('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'p/q' }),
      call('iam', 'CreateAccessKey', { userName: 'x' }),
    ],
    [call('iam', 'CreateUser', { userName: 'x' }), call('iam', 'AddUserToGroup', { userName: 'x', groupName: 'g' })],
  ],
  [
    'mfa_removed',
    [call('iam', 'DeactivateMFADevice', { userName: 'bob' })],
    [call('iam', 'EnableMFADevice', { userName: 'bob' })],
  ],
  ['federation_token', [call('sts', 'GetFederationToken', { name: 'x' })], [call('sts', 'GetCallerIdentity')]],
  [
    'identity_provider_added',
    [call('rolesanywhere', 'CreateTrustAnchor', { name: 'x' })],
    [call('rolesanywhere', 'CreateProfile', { name: 'x' })],
  ],
  [
    'log_tampering',
    [call('cloudtrail', 'StopLogging', { name: 't' })],
    [call('cloudtrail', 'StartLogging', { name: 't' })],
  ],
  [
    'log_tampering',
    [
      call('cloudtrail', 'PutEventSelectors', {
        trailName: 't',
        eventSelectors: [{ readWriteType: 'ReadOnly', includeManagementEvents: false }],
      }),
    ],
    [
      call('cloudtrail', 'PutEventSelectors', {
        trailName: 't',
        eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true }],
      }),
    ],
  ],
  [
    'log_tampering',
    [call('guardduty', 'UpdateDetector', { enable: false })],
    [call('guardduty', 'UpdateDetector', { enable: true })],
  ],
  [
    'short_lived_bucket_content',
    [
      call('s3', 'PutBucketLifecycle', {
        bucketName: 'b',
        LifecycleConfiguration: { Rule: { Expiration: { Days: 1 } } },
      }),
    ],
    [
      call('s3', 'PutBucketLifecycle', {
        bucketName: 'b',
        LifecycleConfiguration: { Rule: { Expiration: { Days: 365 } } },
      }),
    ],
  ],
  ['logs_or_alarms_deleted', [call('logs', 'DeleteLogGroup')], [call('logs', 'CreateLogGroup')]],
  [
    'organization_left',
    [call('organizations', 'LeaveOrganization', {}, denied)],
    [call('organizations', 'ListAccounts')],
  ],
  [
    'snapshot_or_image_shared_outside',
    [
      call('ec2', 'ModifySnapshotAttribute', {
        createVolumePermission: { add: { items: [{ userId: '999988887777' }] } },
      }),
    ],
    [
      call('ec2', 'ModifySnapshotAttribute', {
        createVolumePermission: { remove: { items: [{ userId: '999988887777' }] } },
      }),
      call('ec2', 'ModifySnapshotAttribute', { createVolumePermission: { add: { items: [{ userId: account }] } } }),
    ],
  ],
  [
    'snapshot_or_image_shared_outside',
    [call('rds', 'ModifyDBSnapshotAttribute', { valuesToAdd: ['all'] })],
    [call('rds', 'ModifyDBSnapshotAttribute', { valuesToRemove: ['all'] })],
  ],
  [
    'bucket_shared_outside',
    [
      call('s3', 'PutBucketPolicy', {
        bucketName: 'b',
        bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }] },
      }),
    ],
    [
      call('s3', 'PutBucketPolicy', {
        bucketName: 'b',
        bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } }] },
      }),
    ],
  ],
  [
    'role_trusts_outside_account',
    [
      call('iam', 'UpdateAssumeRolePolicy', {
        roleName: 'r',
        policyDocument: trust({ AWS: 'arn:aws:iam::999988887777:root' }),
      }),
    ],
    [
      call('iam', 'UpdateAssumeRolePolicy', { roleName: 'r', policyDocument: trust({ Service: 'ec2.amazonaws.com' }) }),
      call('iam', 'CreateRole', { roleName: 'r', assumeRolePolicyDocument: trust({ AWS: account }) }),
    ],
  ],
  [
    'function_callable_from_outside',
    [call('lambda', 'AddPermission20150331v2', { functionName: 'f', principal: '*' })],
    [call('lambda', 'AddPermission20150331v2', { functionName: 'f', principal: 's3.amazonaws.com' })],
  ],
  [
    'security_group_opened_to_world',
    [call('ec2', 'AuthorizeSecurityGroupIngress', open('0.0.0.0/0', 22))],
    [call('ec2', 'AuthorizeSecurityGroupIngress', open('198.51.100.0/24', 22))],
  ],
  ['snapshot_blocks_read', [call('ebs', 'GetSnapshotBlock')], [call('ebs', 'ListSnapshotBlocks')]],
  [
    'secrets_read_in_bulk',
    times(6, (index) =>
      call('secretsmanager', 'GetSecretValue', {
        secretId: `arn:aws:secretsmanager:eu-west-1:${account}:secret:app/${index}-AbCdEf`,
      }),
    ),
    times(30, () => call('secretsmanager', 'GetSecretValue', { secretId: 'app/one' })),
  ],
  [
    'machine_secrets_read',
    times(3, (index) => call('ec2', 'GetPasswordData', { instanceId: `i-${index}` }, denied)),
    times(5, () => call('ec2', 'GetPasswordData', { instanceId: 'i-1' })),
  ],
  ['account_authorization_read', [call('iam', 'GetAccountAuthorizationDetails')], [call('iam', 'GetAccountSummary')]],
  [
    'remote_command_or_shell',
    [call('ssm', 'SendCommand', { documentName: 'AWS-RunShellScript', instanceIds: ['i-1'] })],
    [call('ssm', 'GetCommandInvocation')],
  ],
  [
    'start_script_changed',
    [call('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', userData: 'x' })],
    [call('ec2', 'ModifyInstanceAttribute', { instanceId: 'i-1', ebsOptimized: {} })],
  ],
  [
    'deployed_code_changed',
    [call('lambda', 'UpdateFunctionCode20150331v2', { functionName: 'f' })],
    [call('lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: 'f', timeout: 3 })],
  ],
  [
    'unusual_machines_started',
    [call('ec2', 'RunInstances', { instanceType: 'p3.2xlarge', instancesSet: { items: [{ maxCount: 1 }] } })],
    [call('ec2', 'RunInstances', { instanceType: 't3.micro', instancesSet: { items: [{ maxCount: 1 }] } })],
  ],
  ['mass_deletion', times(10, () => call('rds', 'DeleteDBSnapshot')), times(3, () => call('rds', 'DeleteDBSnapshot'))],
  ['recovery_weakened', [call('kms', 'ScheduleKeyDeletion')], [call('kms', 'EnableKey')]],
  ['paid_service_abuse', [call('bedrock', 'InvokeModel', {}, denied)], [call('bedrock', 'ListFoundationModels')]],
  [
    'root_user_used',
    [call('iam', 'CreateUser', {}, root)],
    [call('iam', 'CreateUser', {}, { ...root, invoked_by: 'health.amazonaws.com' })],
  ],
  [
    'console_sign_in_without_mfa',
    [login('Success', { additional: { MFAUsed: 'No' } })],
    [login('Success'), login('Failure', { additional: { MFAUsed: 'No' } })],
  ],
  [
    'sign_in_after_failures',
    [...times(5, () => login('Failure')), login('Success')],
    [...times(2, () => login('Failure')), login('Success')],
  ],
  [
    'denied_burst',
    times(6, (index) => call('iam', `List${index}`, {}, denied)),
    times(3, () => call('iam', 'ListUsers', {}, denied)),
  ],
  [
    'denied_burst_then_success',
    [...times(6, (index) => call('iam', `List${index}`, {}, denied)), call('iam', 'CreateGroup')],
    [call('iam', 'CreateGroup'), ...times(6, (index) => call('iam', `List${index}`, {}, denied))],
  ],
  [
    'roles_tried',
    times(3, (index) => call('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/r${index}` }, denied)),
    times(3, (index) => call('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/r${index}` })),
  ],
  [
    'machine_credentials_used_elsewhere',
    [machine('198.51.100.200'), machine('203.0.113.9')],
    [machine('198.51.100.200'), machine('198.51.100.200')],
  ],
];

test.each(hostile)('%s fires on the act and not on the near miss (%#)', (rule, hit, miss) => {
  expect(fired(judge({ actor_activity: hit }))).toContain(rule);
  expect(fired(judge({ actor_activity: miss }))).not.toContain(rule);
});

const habits = [group('ec2', 'DescribeInstances', 20), group('iam', 'CreateGroup', 10)];

/** Rules that compare with habits: the calls, and the same without the base line they need. */
const novel: [rule: string, rows: Record<string, Row[]>][] = [
  ['new_ip_for_principal', { actor_activity: [call('iam', 'CreateGroup', {}, { source_ip: '203.0.113.9' })] }],
  [
    'new_client_family_for_principal',
    { actor_activity: [call('iam', 'CreateGroup', {}, { user_agent: 'Boto3/1.34 Python/3.12' })] },
  ],
  ['first_sensitive_call_of_principal', { actor_activity: [call('iam', 'CreatePolicy')] }],
  [
    'rare_discovery_burst',
    {
      actor_reads: times(14, (index) =>
        group(['ec2', 'iam', 's3'][index % 3] ?? 'ec2', `Describe${index}`, 1, {
          calls: 1,
          first_at: '2026-01-15 09:10:00.000',
          last_at: '2026-01-15 09:20:00.000',
        }),
      ),
    },
  ],
];

test.each(novel)('%s fires against known habits, and is silent without a base line', (rule, rows) => {
  expect(fired(judge({ ...rows, actor_baseline: habits }))).toContain(rule);
  expect(fired(judge(rows))).not.toContain(rule);
  expect(fired(judge({ actor_activity: [call('iam', 'CreateGroup')], actor_baseline: habits }))).not.toContain(rule);
});

test('several users from an address that nobody used before', () => {
  const alert = sampleAlert({ indicators: ['203.0.113.9'] });
  const bob = { actor_arn: `arn:aws:iam::${account}:user/bob`, actor_name: 'bob', source_ip: '203.0.113.9' };
  const ip_activity = [
    call('iam', 'CreateGroup', {}, { source_ip: '203.0.113.9' }),
    call('iam', 'CreateGroup', {}, bob),
  ];
  expect(fired(judge({ ip_activity }, { alert }))).toContain('several_principals_from_new_ip');
  const ip_history = [group('s3', 'ListBuckets', 5, { source_ip: '203.0.113.9' })];
  expect(fired(judge({ ip_activity, ip_history }, { alert }))).not.toContain('several_principals_from_new_ip');
});

describe('what exonerates', () => {
  const daily = [call('iam', 'CreateGroup')];
  const merged = (change: Row = {}) => ({
    complete: true,
    merge_requests: [
      {
        project: 'g/infra',
        iid: 7,
        state: 'merged',
        author: 'eve',
        merged_by: 'bob',
        merged_at: '2026-01-15T09:00:00Z',
        from_fork: false,
        title: 'x',
        ...change,
      },
    ],
  });

  test('daily work from the usual address is benign and closed', () => {
    const found = judge({ actor_activity: daily, actor_baseline: habits });
    expect(fired(found)).toEqual(expect.arrayContaining(['routine_from_usual_address', 'nothing_hostile_seen']));
    expect(found.verdict.outcome).toBe('benign_positive');
  });

  test('the same work from another address is not', () => {
    const found = judge({
      actor_activity: [call('iam', 'CreateGroup', {}, { source_ip: '203.0.113.9' })],
      actor_baseline: habits,
    });
    expect(fired(found)).not.toContain('routine_from_usual_address');
  });

  test('reads alone are a false positive', () => {
    const found = judge({ actor_reads: [group('ec2', 'DescribeInstances', 1)] });
    expect(found.verdict).toMatchObject({ outcome: 'false_positive' });
  });

  test('nothing at all exonerates nobody', () => {
    const found = judge({});
    expect(found.evidence).toEqual([]);
    expect(found.verdict.outcome).toBe('needs_review');
  });

  test('a change that two people reviewed explains what followed from the usual address', () => {
    const rows = { actor_activity: [call('iam', 'CreateRole')], actor_baseline: habits };
    expect(fired(judge(rows, { merge_requests: merged() }))).toContain('reviewed_change_rolled_out');
    const misses = [
      merged({ merged_by: 'eve' }),
      merged({ author: 'zoe' }),
      merged({ from_fork: true }),
      merged({ merged_at: '2026-01-15T03:00:00Z' }),
      merged({ merged_at: '2026-01-15T09:29:59Z' }),
      merged({ state: 'opened' }),
    ];
    for (const merge_requests of misses)
      expect(fired(judge(rows, { merge_requests }))).not.toContain('reviewed_change_rolled_out');
    const elsewhere = { ...rows, actor_activity: [call('iam', 'CreateRole', {}, { source_ip: '203.0.113.9' })] };
    expect(fired(judge(elsewhere, { merge_requests: merged() }))).not.toContain('reviewed_change_rolled_out');
  });

  test('a strong hostile act is never closed, however much exonerates', () => {
    const stop = call('cloudtrail', 'StopLogging', { name: 't' });
    const baseline = [...habits, group('cloudtrail', 'StopLogging', 25)];
    const found = judge({ actor_activity: [stop], actor_baseline: baseline }, { merge_requests: merged() });
    expect(['true_positive', 'needs_review']).toContain(found.verdict.outcome);
  });
});

test('what a principal does regularly weighs less than the same act out of the blue', () => {
  const rows = { actor_activity: [call('lambda', 'UpdateFunctionCode20150331v2', { functionName: 'f' })] };
  const often = judge({ ...rows, actor_baseline: [...habits, group('lambda', 'UpdateFunctionCode20150331v2', 12)] });
  const never = judge({ ...rows, actor_baseline: habits });
  expect(often.verdict.probability).toBeLessThan(never.verdict.probability);
});

test('stopping a trail that one has just made oneself hides nothing', () => {
  const own = [
    call('cloudtrail', 'CreateTrail', { name: 't' }),
    call('cloudtrail', 'StopLogging', { name: `arn:aws:cloudtrail:eu-west-1:${account}:trail/t` }),
  ];
  const found = judge({ actor_activity: own });
  expect(fired(found)).not.toContain('log_tampering');
  const elsewhere = [call('cloudtrail', 'CreateTrail', { name: 't' }, { aws_region: 'us-east-1' }), own[1] as Row];
  expect(fired(judge({ actor_activity: elsewhere }))).toContain('log_tampering');
  const failed = [
    call('cloudtrail', 'CreateTrail', { name: 't' }, { error_code: 'TrailAlreadyExistsException' }),
    own[1] as Row,
  ];
  expect(judge({ actor_activity: failed }).evidence.find((item) => item.rule === 'log_tampering')?.strength).toBe(
    'strong',
  );
});

test('secrets that one wrote oneself are no news, unless one goes through the store', () => {
  const names = times(12, (index) => ({ secretId: `s-${index}` }));
  const written = names.map(({ secretId }) => call('secretsmanager', 'CreateSecret', { name: secretId }));
  const list = [
    group('secretsmanager', 'ListSecrets', 1, { first_at: '2026-01-15 09:00:00', last_at: '2026-01-15 09:00:00' }),
  ];
  const reads = names.map((request) => call('secretsmanager', 'GetSecretValue', request));
  const weight = (rows: Row[], actor_reads: Row[]) =>
    judge({ actor_activity: rows, actor_reads }).evidence.find(({ rule }) => rule === 'secrets_read_in_bulk')?.weight;
  expect(weight([...written, ...reads], [])).toBe(1.2);
  expect(weight([...written, ...reads], list)).toBe(2.4);
});

test('a call that named what is not there weighs next to nothing, but for acts that nobody tries by mistake', () => {
  const missing = { error_code: 'NoSuchEntityException' };
  const outcome = (row: Row) => judge({ actor_activity: [row] }).verdict.outcome;
  expect(outcome(call('iam', 'AttachUserPolicy', { userName: 'bob', policyArn: admin }, missing))).toBe(
    'false_positive',
  );
  expect(outcome(call('iam', 'AttachUserPolicy', { userName: 'bob', policyArn: admin }, denied))).not.toBe(
    'false_positive',
  );
  const gone = { error_code: 'TrailNotFoundException' };
  expect(outcome(call('cloudtrail', 'StopLogging', { name: 't' }, gone))).toBe('true_positive');
});

test("a key of one's own is contained only while the older one goes", () => {
  const made = call(
    'iam',
    'CreateAccessKey',
    { userName: 'eve' },
    { response: { accessKey: { accessKeyId: 'AKIA2' } } },
  );
  const off = call('iam', 'UpdateAccessKey', { userName: 'eve', accessKeyId: 'AKIA1', status: 'Inactive' });
  expect(judge({ actor_activity: [made, off] }).verdict.outcome).toBe('false_positive');
  expect(judge({ actor_activity: [made] }).verdict.outcome).toBe('needs_review');
});

test('a machine that an alert names by its session is one, although its reads are counted by role', () => {
  const arn = `arn:aws:sts::${account}:assumed-role/web/i-0123456789abcdef0`;
  const web = { actor_type: 'AssumedRole', actor_arn: `arn:aws:iam::${account}:role/web` };
  const actor_reads = ['s3:ListBuckets', 'iam:ListUsers', 'iam:ListRoles', 'cloudtrail:DescribeTrails'].map((call) => {
    const [service = '', name = ''] = call.split(':');
    return group(service, name, 1, web);
  });
  const named = (value: string) =>
    judge({ actor_reads }, { alert: sampleAlert({ indicators: [{ type: 'aws_arn', value }] }) });
  expect(fired(named(arn))).toContain('machine_role_enumerates_account');
  expect(fired(named(arn.replace(/i-0.*$/, 'jo')))).not.toContain('machine_role_enumerates_account');
});

test('two questions about mail are what somebody asks who sends it, three and nothing else are an attack', () => {
  const asked = (...names: string[]) =>
    judge({ actor_reads: names.map((name) => group('ses', name, 1)) }).verdict.outcome;
  expect(asked('GetSendQuota', 'ListIdentities')).toBe('false_positive');
  expect(asked('GetSendQuota', 'ListIdentities', 'GetAccount')).toBe('true_positive');
});

test('the table of rules is sound', () => {
  expect(new Set(evidenceRules.map((rule) => rule.name)).size).toBe(evidenceRules.length);
  for (const rule of evidenceRules) {
    expect(Math.sign(rule.weight)).toBe(rule.family === 'hostile' ? 1 : -1);
    expect(rule.techniques.length > 0).toBe(rule.family === 'hostile');
    for (const technique of rule.techniques) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
  }
  const tested = new Set([
    ...hostile.map(([rule]) => rule),
    ...cloudClasses.map(([rule]) => rule),
    ...identityCases.map(([rule]) => rule),
    ...changeCases.map(([rule]) => rule),
    'sign_in_from_new_network',
    ...novel.map(([rule]) => rule),
    'several_principals_from_new_ip',
  ]);
  const untested = evidenceRules.filter((rule) => rule.family === 'hostile' && !tested.has(rule.name));
  expect(untested.map((rule) => rule.name)).toEqual([]);
});

test('every item cites its query, its rows and their hash', () => {
  const found = judge({ actor_activity: [call('cloudtrail', 'StopLogging', { name: 't' }, { source_ip: usualIp })] });
  for (const item of found.evidence) {
    expect(item).toMatchObject({ query_id: 'query-actor_activity', query_label: 'actor_activity' });
    expect(item.row_refs.length).toBeGreaterThan(0);
    expect(item.row_sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test.each(cloudClasses)('%s fires on its class of calls and not on the near miss', (rule, hit, miss) => {
  const found = judge({ actor_activity: hit });
  expect(fired(found)).toContain(rule);
  expect(fired(judge({ actor_activity: miss }))).not.toContain(rule);
  const [once, twice] = [
    found,
    judge({ actor_activity: [...hit, ...hit.map((row) => ({ ...row, event_id: `${row.event_id}-again` }))] }),
  ];
  const of = (list: typeof found) => list.evidence.find((item) => item.rule === rule)?.weight ?? 0;
  // A burst of the same act counts once.
  expect(of(twice)).toBeCloseTo(of(once), 3);
});

/** Acts of public incidents and of emulation tools, each by a user without a history: what a new customer's first case looks like. */
const acts: [what: string, rows: Row[], reads?: Row[]][] = [
  ['the audit log deleted', [call('cloudtrail', 'DeleteTrail', { name: 'main' })]],
  [
    'logs that vanish in a day',
    [
      call('s3', 'PutBucketLifecycle', {
        bucketName: 'logs',
        LifecycleConfiguration: { Rule: { Expiration: { Days: 1 } } },
      }),
    ],
  ],
  ['shells on two machines', ['i-1', 'i-2'].map((target) => call('ssm', 'StartSession', { target }))],
  ['a key on a serial console', [call('ec2-instance-connect', 'SendSerialConsoleSSHPublicKey', { instanceId: 'i-1' })]],
  [
    'passwords of machine after machine',
    times(6, (index) =>
      call('ec2', 'GetPasswordData', { instanceId: `i-${index}` }, { error_code: 'Client.UnauthorizedOperation' }),
    ),
  ],
  [
    'secrets in bulk by names',
    [call('secretsmanager', 'BatchGetSecretValue', { secretIdList: ['a', 'b', 'c', 'd', 'e', 'f'] })],
  ],
  [
    'graphics machines, refused by a limit',
    [
      call(
        'ec2',
        'RunInstances',
        { instanceType: 'p3.2xlarge', instancesSet: { items: [{ maxCount: 1 }] } },
        { error_code: 'Client.VcpuLimitExceeded' },
      ),
    ],
  ],
  [
    'an image for another account',
    [call('ec2', 'ModifyImageAttribute', { launchPermission: { add: { items: [{ userId: '999988887777' }] } } })],
  ],
  [
    'a bucket for another account',
    [call('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: trust({ AWS: '999988887777' }) })],
  ],
  [
    'a role for another account',
    [
      call('iam', 'UpdateAssumeRolePolicy', {
        roleName: 'r',
        policyDocument: trust({ AWS: 'arn:aws:iam::999988887777:root' }),
      }),
    ],
  ],
  ['a password for somebody else', [call('iam', 'CreateLoginProfile', { userName: 'bob' })]],
  ['a federation token', [call('sts', 'GetFederationToken', { name: 'x', policy: '{}' })]],
  [
    'models tried out',
    [call('bedrock', 'InvokeModel', { modelId: 'm' })],
    [group('bedrock', 'ListFoundationModels', 1)],
  ],
  [
    'a bucket held to ransom',
    [call('s3', 'DeleteObjects', { bucketName: 'b' }), call('s3', 'PutObject', { bucketName: 'b' })],
  ],
];

test.each(acts)('%s is called an attack at once', (_, rows, reads = []) => {
  expect(judge({ actor_activity: rows, actor_reads: reads }).verdict.outcome).toBe('true_positive');
});
