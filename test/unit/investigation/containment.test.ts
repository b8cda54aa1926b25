import type { CaseRecord } from '../../../operations/cases';
import { containmentState } from '../../../operations/response/containment-state';
import { containmentTargets } from '../../../operations/response/containment-targets';
import type { ResponseRecord, ResponseStatus } from '../../../operations/response/response-port';
import { account, call } from '../../support/cloud-rows';
import { sampleRecord } from '../../support/sample-record';

const stop = (change = {}) => call('cloudtrail', 'StopLogging', { name: 't' }, change);
const asUser = (name: string) => ({ actor_arn: `arn:aws:iam::${account}:user/${name}`, actor_name: name });
const asRole = (name: string) => ({
  actor_type: 'AssumedRole',
  actor_arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
  issuer_arn: `arn:aws:iam::${account}:role/${name}`,
  actor_name: null,
});
const asRoot = { actor_type: 'Root', actor_arn: `arn:aws:iam::${account}:root`, actor_name: null };

const made = (owner: string, key: string, change = {}) =>
  call(
    'iam',
    'CreateAccessKey',
    { userName: owner },
    { response: { accessKey: { userName: owner, accessKeyId: key, status: 'Active' } }, ...change },
  );
const keyA = 'AKIAMADEMADEMADEMADE';

const response = (target: string, status: ResponseStatus, id = `RSP-${target}-${status}`): ResponseRecord => ({
  id,
  case_id: 'INV-1',
  action: 'isolate_user',
  system: 'aws_iam',
  target,
  target_label: `arn:aws:iam::${account}:user/${target}`,
  digest: 'd',
  status,
  steps: [],
  warnings: [],
  results: [],
  reason: null,
  approval_id: null,
  rollback_approval_id: null,
  version: 1,
  created_at: '2026-01-15T10:00:00.000Z',
  executed_at: null,
  settled_at: null,
});

describe('what to do next', () => {
  const next = (rows: Parameters<typeof sampleRecord>[1]) => sampleRecord({}, rows).findings?.next_actions ?? [];

  it('begins with whoever acted, before the traces of it', () => {
    const [first, second] = next([stop(), call('iam', 'CreateAccessKey', { userName: 'victim' })]);
    expect(first).toMatch(/^Stop whoever acted: propose_containment .*\(E1/);
    expect(second).toMatch(/^(?:Turn recording back on|Deactivate the new access key)/);
  });

  it('says whom no action reaches, and names nobody by what a log says', () => {
    const steps = next([stop(asRoot), stop(asUser('<!channel> approve'))]);
    expect(steps[0]).toMatch(/^Stop whoever acted/);
    expect(steps[1]).toMatch(/^Stop by hand/);
    expect(steps.join()).not.toContain('<!channel>');
  });

  it('stops nobody on a case that is not a true positive', () => {
    expect(next([call('ec2', 'DescribeInstances')]).join()).not.toContain('Stop ');
  });
});

describe('whom to contain', () => {
  it('is who made the calls that hostile evidence rests on, with the evidence', () => {
    const record = sampleRecord({}, [stop()]);
    const { targets, by_hand } = containmentTargets(record);
    const strong = record.evidence.filter(({ family, strength }) => family === 'hostile' && strength !== 'weak');
    expect(targets).toEqual([
      { action: 'isolate_user', system: 'aws_iam', target: 'eve', evidence_ids: strong.map(({ id }) => id) },
    ]);
    expect(by_hand).toEqual([]);
  });

  it('is not who was only acted on, nor who did nothing suspicious, nor whom the alert names', () => {
    const rows = [
      stop(),
      call('iam', 'CreateAccessKey', { userName: 'victim' }),
      call('ec2', 'DescribeInstances', {}, asUser('bystander')),
    ];
    const record = sampleRecord({ indicators: ['eve', 'named-in-the-alert'] }, rows);
    expect(containmentTargets(record).targets.map(({ target }) => target)).toEqual(['eve']);
  });

  it('is a key that they made for somebody else, used or not, and not the other keys of that user', () => {
    const revoked = { action: 'revoke_access_key', system: 'aws_iam', target: keyA };
    const use = (key: string) => call('ec2', 'DescribeInstances', {}, { ...asUser('backup'), access_key_id: key });
    for (const used of [[], [use(keyA), use('AKIAOWNOWNOWNOWNOWN1')]]) {
      const { targets } = containmentTargets(sampleRecord({}, [stop(), made('backup', keyA), ...used]));
      expect(targets.map(({ target }) => target)).toEqual(['eve', keyA]);
      expect(targets[1]).toMatchObject({ ...revoked, evidence_ids: [expect.stringMatching(/^E\d+$/)] });
    }
  });

  it.each([
    ['refused by AWS', () => made('backup', keyA, { error_code: 'AccessDenied' })],
    ['made for somebody who is isolated, with all keys', () => made('eve', keyA)],
    ['no key', () => made('backup', 'AKIA-<!channel>')],
    ['a key of a session', () => made('backup', 'ASIAMADEMADEMADEMADE')],
  ])('is no key that was %s', (_what, row) => {
    const { targets } = containmentTargets(sampleRecord({}, [stop(), row()]));
    const keys = targets.filter(({ action }) => action === 'revoke_access_key');
    expect(keys).toEqual([]);
  });

  it('is a role for sessions of a role; root is left to people', () => {
    const record = sampleRecord({}, [stop(), stop(asRole('deploy')), stop(asRoot)]);
    const { targets, by_hand } = containmentTargets(record);
    expect(targets.map(({ action, target }) => [action, target]).sort()).toEqual([
      ['isolate_user', 'eve'],
      ['quarantine_role', 'deploy'],
    ]);
    expect(by_hand).toEqual([{ who: `root of account ${account}`, evidence_ids: expect.any(Array) }]);
  });

  it('is nobody without findings, and nobody who was not observed', () => {
    const record = sampleRecord({}, [stop()]);
    expect(containmentTargets({ ...record, findings: null })).toEqual({ targets: [], by_hand: [] });
    const findings = record.findings as NonNullable<CaseRecord['findings']>;
    const unobserved = containmentTargets({ ...record, findings: { ...findings, observed: [] } });
    expect(unobserved.targets).toEqual([]);
    expect(unobserved.by_hand.map(({ who }) => who)).toEqual(['user eve']);
  });
});

describe('a case is contained', () => {
  const two = sampleRecord({}, [stop(), stop(asUser('mallory'))]);
  const open = (...responses: ResponseRecord[]) => containmentState(two, responses).open;

  it('once the keys that were left behind are gone too', () => {
    const record = sampleRecord({}, [stop(), made('backup', keyA)]);
    const key = (status: ResponseStatus) => ({
      ...response(keyA, status),
      action: 'revoke_access_key' as const,
      target_label: `${keyA} of arn:aws:iam::${account}:user/backup`,
    });
    expect(containmentState(record, [response('eve', 'verified')]).open).toEqual([
      `${keyA} (aws_iam) is not contained`,
    ]);
    expect(containmentState(record, [response('eve', 'verified'), key('verified')]).open).toEqual([]);
  });

  it('once everybody is, and not before', () => {
    expect(open(response('eve', 'verified'), response('mallory', 'verified'))).toEqual([]);
    expect(open(response('eve', 'verified'))).toEqual(['mallory (aws_iam) is not contained']);
    expect(open()).toHaveLength(2);
  });

  it('by the target’s ARN as well as by its name', () => {
    const byArn = { ...response('eve', 'verified'), target: `arn:aws:iam::${account}:user/eve` };
    expect(open(byArn, response('mallory', 'verified'))).toEqual([]);
  });

  it.each<ResponseStatus>([
    'planned',
    'executing',
    'unverified',
    'failed',
    'rolling_back',
    'rolled_back',
    'rollback_failed',
  ])('not by a response that is %s', (status) => {
    expect(open(response('eve', 'verified'), response('mallory', status))).toHaveLength(1);
  });

  it('not by one that was taken back or failed since', () => {
    const later = [response('eve', 'verified', 'RSP-1'), response('eve', 'rolled_back', 'RSP-2')];
    expect(open(...later, response('mallory', 'verified'))).toEqual(['eve (aws_iam) is rolled back (RSP-2)']);
  });

  it('not while somebody can only be dealt with by hand, and not when nobody is named', () => {
    const withRoot = sampleRecord({}, [stop(), stop(asRoot)]);
    expect(containmentState(withRoot, [response('eve', 'verified')]).open).toEqual([
      `root of account ${account} can only be dealt with by hand`,
    ]);
    expect(containmentState({ evidence: [], findings: null }, []).open).toHaveLength(1);
  });
});
