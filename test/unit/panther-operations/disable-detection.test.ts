import fc from 'fast-check';
import { disableDetection } from '../../../operations/panther/disable-detection';
import { withMember } from '../../../operations/panther/json-member';
import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import type { ServiceResponse } from '../../../sandbox/src/service';
import { type Answering, failureOf, startAnswering } from './answering';
import { startTenant, type Tenant } from './tenant';

let tenant: Tenant;
let odd: Answering;
beforeAll(async () => {
  [tenant, odd] = await Promise.all([startTenant(SAMPLE_RULES), startAnswering()]);
});
afterAll(() => Promise.all([tenant.close(), odd.close()]));
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
  odd.seen.length = 0;
});

const rule = { detection_id: 'AWS.EC2.SnapshotCreated', type: 'rule', dry_run: false };
const run = (input: object = {}) => tenant.run(disableDetection, { ...rule, ...input });
const puts = () => tenant.panther.requests.filter(({ method }) => method === 'PUT');
const stored = async (path = '/rules/AWS.EC2.SnapshotCreated') =>
  (await (await fetch(`${tenant.url}${path}`, { headers: { 'x-api-key': 'simulated-panther-token' } })).json()) as {
    enabled: boolean;
    lastModified: string;
  };

describe('a plan', () => {
  test('is what a call gives unless told otherwise, and changes nothing', async () => {
    const output = await tenant.run(disableDetection, {
      detection_id: rule.detection_id,
      type: 'rule',
      reason: 'noise',
    });
    expect(output).toMatchObject({
      dry_run: true,
      changed: false,
      verification: 'not_done',
      before: { enabled: true, last_modified: '2025-01-15T09:00:00Z' },
      after: null,
      reason: 'noise',
    });
    expect(puts()).toEqual([]);
    expect((await stored()).enabled).toBe(true);
  });

  test('says what may bring the detection back', async () => {
    const output = await run({ detection_id: 'Simulated.Console.LoginWithoutMFA', dry_run: true });
    expect(output.managed).toBe(true);
    expect(output.notes).toEqual([
      expect.stringContaining('Panther provides'),
      expect.stringContaining('the next upload enables it again'),
    ]);
  });

  test('binds the change: a detection changed since the plan is left alone', async () => {
    const plan = await run({ dry_run: true });
    const { last_modified } = plan.before as { last_modified: string };
    expect(await failureOf(run({ expected_last_modified: '2024-01-01T00:00:00Z' }))).toMatchObject({
      code: 'conflict',
      details: { last_modified },
    });
    expect(puts()).toEqual([]);
    expect(await run({ expected_last_modified: '2025-01-15T10:00:00+01:00' })).toMatchObject({ changed: true });
  });
});

describe('disabling', () => {
  test.each([
    ['rule', 'AWS.EC2.SnapshotCreated', '/rules/'],
    ['scheduled_rule', 'Simulated.Scheduled.RareRegions', '/scheduled-rules/'],
    ['policy', 'Simulated.S3.PublicBucket', '/policies/'],
    ['correlation_rule', 'Simulated.Correlation.KeyThenTrail', '/correlation-rules/'],
  ])('a %s is verified by a second read, and nothing else changes', async (type, detection_id, path) => {
    expect(await run({ type, detection_id })).toMatchObject({
      changed: true,
      verification: 'verified',
      before: { enabled: true },
      after: { enabled: false },
      changed_fields: ['enabled', 'lastModified', 'lastModifiedBy'],
      undo: expect.stringContaining(detection_id),
    });
    expect((await stored(`${path}${detection_id}`)).enabled).toBe(false);
  });

  test('what is disabled already is not written again', async () => {
    await run();
    expect(await run()).toMatchObject({ changed: false, verification: 'verified', after: { enabled: false } });
    expect(puts()).toHaveLength(1);
    expect(await run({ dry_run: true })).toMatchObject({ changed: false, dry_run: true, before: { enabled: false } });
  });

  test('unit tests that fail do not stand in the way: they are not run', async () => {
    expect(await run({ detection_id: 'Simulated.Console.LoginWithoutMFA' })).toMatchObject({
      verification: 'verified',
    });
    expect(puts()[0]?.query).toBe('run-tests-first=false');
  });

  test('the wrong type is not found, and nothing is written', async () => {
    expect(await failureOf(run({ type: 'policy' }))).toMatchObject({ code: 'not_found_or_no_access' });
    expect(puts()).toEqual([]);
  });

  test.each([
    ['rule', 'AWS.EC2.SnapshotCreated', 'RuleModify'],
    ['policy', 'Simulated.S3.PublicBucket', 'PolicyModify'],
  ])(
    'without the permission to change a %s it is refused by name, in either form of refusal',
    async (type, detection_id, permission) => {
      tenant.panther.settings.permissions = tenant.panther.settings.permissions.filter((name) => name !== permission);
      expect(await failureOf(run({ type, detection_id }))).toMatchObject({
        code: 'missing_permission',
        details: { permission },
      });
    },
  );

  test('a refusal over a conflict is one', async () => {
    tenant.faults.add({ service: 'panther', method: 'PUT', status: 409, body: { message: 'in use' } });
    expect(await failureOf(run())).toMatchObject({ code: 'conflict', message: expect.stringContaining('in use') });
  });

  test('a Panther that runs the tests all the same is quoted with the ones that failed', async () => {
    const testResults = [
      { name: 'fine', passed: true },
      { name: 'old\u200B sample', passed: false },
    ];
    tenant.faults.add({ service: 'panther', method: 'PUT', status: 400, body: { message: 'failed', testResults } });
    const failure = await failureOf(run());
    expect(failure).toMatchObject({ code: 'invalid_input', details: { failed_tests: 1 } });
    expect(failure.message).toContain('1 failed: old sample');
  });
});

describe('when the answer to the change is lost', () => {
  test('after it took effect, it is not sent again', async () => {
    tenant.faults.add({ service: 'panther', method: 'PUT', reset: 'after' });
    expect(await run()).toMatchObject({ changed: true, verification: 'verified' });
    expect(puts()).toHaveLength(1);
  });

  test('before it took effect, it is sent once more', async () => {
    tenant.faults.add({ service: 'panther', method: 'PUT', reset: 'before' });
    expect(await run()).toMatchObject({ changed: true, verification: 'verified' });
    expect(puts()).toHaveLength(1);
    tenant.panther.reset();
    tenant.faults.add({ service: 'panther', method: 'PUT', status: 502, body: '<html>bad gateway</html>' });
    expect(await run()).toMatchObject({ changed: true, verification: 'verified' });
  });

  test('twice, the outcome is said to be unknown', async () => {
    tenant.faults.add({ service: 'panther', method: 'PUT', reset: 'before', times: 2 });
    expect(await failureOf(run())).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
  });

  test('and the record cannot be read either, the outcome is said to be unknown', async () => {
    tenant.faults.add({ service: 'panther', method: 'PUT', reset: 'after' });
    tenant.faults.add({ service: 'panther', method: 'GET', path: '^/rules/', after: 2, status: 503, times: 50 });
    expect(await failureOf(run())).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
  });
});

/** A server that keeps one record as text; `on` may change what happens at the n-th request. */
function keeping(
  text: string,
  on: (n: number, method: string) => ServiceResponse | string | undefined = () => undefined,
) {
  let record = text;
  const bodies: string[] = [];
  odd.answer = ({ method, body }) => {
    const special = on(odd.seen.length, method);
    if (typeof special === 'string') record = special;
    else if (special !== undefined) return special;
    if (method === 'PUT') {
      bodies.push(body);
      record = body;
    }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: record };
  };
  return bodies;
}
const record = '{"id":"x","body":"b","enabled":true,"lastModified":"2026-01-01T00:00:00Z"}';
const disable = () => odd.run(disableDetection, { detection_id: 'x', type: 'rule', dry_run: false });

describe('what is sent back', () => {
  test('is the record as it came, to the character: unknown fields, large numbers, order, doubled keys', async () => {
    const text =
      '{ "future": {"nested": [1.0, 1e400, 12345678901234567890, null, "\\u202e"]}, "id": "x",\n"enabled" : true , "tests":[{"log":{"account":901234567890123456789,"enabled":true}}], "managed":true, "":"", "\\u0065nabled":1 }';
    const bodies = keeping(text);
    expect(await disable()).toMatchObject({ verification: 'verified', changed_fields: ['enabled'] });
    expect(bodies).toEqual([
      text.replace('"enabled" : true', '"enabled" : false').replace('"\\u0065nabled":1', '"\\u0065nabled":false'),
    ]);
  });

  test('sets a missing state', async () => {
    const bodies = keeping('{"id":"x","body":"b"}');
    expect(await disable()).toMatchObject({ changed: true, before: { enabled: null } });
    expect(bodies).toEqual(['{"enabled":false,"id":"x","body":"b"}']);
  });

  test('any JSON object keeps everything but the member that is set', () => {
    const spaces = fc.constantFrom('', ' ', '\n\t');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), spaces, (object, has, space) => {
        const whole = has ? { ...object, enabled: { deep: [true, '"}'] } } : object;
        const indent = space === '' ? undefined : 2;
        const text = `${space}${JSON.stringify(whole, null, indent)}${space}`;
        const changed = withMember(text, 'enabled', 'false');
        const expected = { ...whole, enabled: false };
        expect(JSON.parse(changed)).toEqual(JSON.parse(JSON.stringify(expected)));
        if (has)
          expect(withMember(changed, 'enabled', '{"deep":[true,"\\"}"]}').replace(/\s/g, '')).toBe(
            text.replace(/\s/g, ''),
          );
      }),
    );
  });
});

describe('somebody else at the same time', () => {
  const changed = record.replace('"b"', '"somebody else wrote this"');

  test('a change between the first and the second read is a conflict, and nothing is written', async () => {
    const bodies = keeping(record, (n) => (n === 2 ? changed : undefined));
    expect(await failureOf(disable())).toMatchObject({ code: 'conflict', details: { detection_id: 'x' } });
    expect(bodies).toEqual([]);
  });

  test('a change while the outcome is unknown is a conflict, and is not overwritten', async () => {
    keeping(record, (n, method) => (method === 'PUT' ? { status: 502, body: 'bad' } : n === 4 ? changed : undefined));
    expect(await failureOf(disable())).toMatchObject({ code: 'conflict' });
    expect(odd.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('only the order of keys differing is no change', async () => {
    keeping(record, (n) =>
      n === 2 ? '{"body":"b","enabled":true,"lastModified":"2026-01-01T00:00:00Z","id":"x"}' : undefined,
    );
    expect(await disable()).toMatchObject({ changed: true });
  });

  test('a detection deleted meanwhile was made anew by the PUT, and that is said', async () => {
    keeping(record, (_n, method) => (method === 'PUT' ? { status: 201, body: { id: 'x' } } : undefined));
    expect(await failureOf(disable())).toMatchObject({ code: 'conflict', details: { created: true } });
  });
});

describe('what Panther says is not taken for granted', () => {
  test('a change that a second read does not show is unverified', async () => {
    keeping(record, (_n, method) => (method === 'PUT' ? { status: 200, body: {} } : undefined));
    expect(await disable()).toMatchObject({ changed: true, verification: 'unverified', after: { enabled: true } });
  });

  test('a change that cannot be read again is unverified, and no failure', async () => {
    keeping(record, (n) => (n > 3 ? { status: 403, body: { error: 'forbidden' } } : undefined));
    expect(await disable()).toMatchObject({ changed: true, verification: 'unverified', after: null });
  });

  test('an answer without a body is one', async () => {
    let done = false;
    keeping(record, (_n, method) => {
      if (method === 'PUT') {
        done = true;
        return { status: 204 };
      }
      return done ? record.replace('true', 'false') : undefined;
    });
    expect(await disable()).toMatchObject({ verification: 'verified' });
  });

  test('fields that the write lost are named', async () => {
    let done = false;
    keeping(record, (_n, method) => {
      if (method === 'PUT') {
        done = true;
        return { status: 204 };
      }
      return done ? '{"id":"x","enabled":false}' : undefined;
    });
    expect((await disable()).changed_fields).toEqual(['body', 'enabled', 'lastModified']);
  });

  test.each([
    ['another detection', '{"id":"y","enabled":true}'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['HTML', '<html></html>'],
  ])('%s in place of the record is refused, and nothing is written', async (_name, text) => {
    keeping(text);
    expect(await failureOf(disable())).toMatchObject({ code: 'bad_response' });
    expect(odd.seen).toHaveLength(1);
  });
});

test('an abort during the change does not cut it short; what was done is said', async () => {
  const abort = new AbortController();
  let done = false;
  keeping(record, (_n, method) => {
    if (method !== 'PUT') return undefined;
    abort.abort();
    done = true;
    return undefined;
  });
  const call = odd.run(
    disableDetection,
    { detection_id: 'x', type: 'rule', dry_run: false },
    odd.ports({ signal: abort.signal }),
  );
  expect(await failureOf(call)).toMatchObject({ code: 'cancelled', details: { disabled: true } });
  expect(done).toBe(true);
});
