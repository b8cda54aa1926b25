import { assignAlerts } from '../../../operations/panther/assign-alerts';
import { setAlertContextTags } from '../../../operations/panther/set-alert-context-tags';
import { setAlertQuality } from '../../../operations/panther/set-alert-quality';
import { updateAlertStatus } from '../../../operations/panther/update-alert-status';
import { USERS } from '../../../sandbox/src/panther/directory';
import { type AlertTenant, idOf, startAlertTenant, storedAlert, unknownId } from './alert-tenant';

let tenant: AlertTenant;
beforeAll(async () => {
  tenant = await startAlertTenant([
    ...Array.from({ length: 60 }, (_, index) => storedAlert(index)),
    storedAlert(100, { status: 'TRIAGED', quality: 'NOISE', contextTags: ['vip', 'known-change'] }),
    storedAlert(101, { contextTags: Array.from({ length: 10 }, (_, index) => `t${index}`) }),
  ]);
});
afterEach(() => tenant.reset());
afterAll(() => tenant.close());

const setStatus = (input: object, ports = tenant.ports()) => tenant.run(updateAlertStatus, input, ports);
const setTags = (input: object) => tenant.run(setAlertContextTags, input);
const alert = async (index: number) => (await tenant.meanwhile(`/alerts/${idOf(index)}`)).json;
const patches = () =>
  tenant.panther.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body ?? '{}'));
const patch = { service: 'panther', method: 'PATCH' };

describe('status', () => {
  test('one bulk write answered 204, verified by reading each alert again', async () => {
    const output = await setStatus({ alert_ids: [idOf(0), idOf(1), idOf(100)], status: 'TRIAGED' });
    expect(output).toEqual({
      results: [
        { id: idOf(0), before: 'OPEN', status: 'TRIAGED', changed: true, verified: true, error: null },
        { id: idOf(1), before: 'OPEN', status: 'TRIAGED', changed: true, verified: true, error: null },
        { id: idOf(100), before: 'TRIAGED', status: 'TRIAGED', changed: false, verified: true, error: null },
      ],
      count: 3,
      changed: 2,
      failed: 0,
      complete: true,
      dry_run: false,
    });
    expect(patches()).toEqual([{ ids: [idOf(0), idOf(1)], status: 'TRIAGED' }]);
  });

  test('the same id in several spellings is one alert', async () => {
    const dashed = '00000000-0000-0000-0000-000000000000';
    const output = await setStatus({
      alert_ids: [idOf(0), dashed, `${tenant.url}/alerts/${idOf(0)}`],
      status: 'CLOSED',
    });
    expect(output).toMatchObject({ count: 1, changed: 1 });
  });

  test('an unknown id in a batch is named, and the others are changed', async () => {
    const output = await setStatus({ alert_ids: [idOf(0), unknownId, idOf(1)], status: 'RESOLVED' });
    expect(output).toMatchObject({ complete: false, changed: 2, failed: 1 });
    expect(output.results[1]).toMatchObject({
      id: unknownId,
      before: null,
      status: null,
      changed: false,
      verified: false,
      error: { code: 'not_found_or_no_access', message: expect.stringContaining(unknownId) },
    });
    expect((await alert(1)).status).toBe('RESOLVED');
  });

  test('only unknown ids are an error that names them', async () => {
    await expect(setStatus({ alert_ids: [unknownId, `${'e'.repeat(32)}`], status: 'OPEN' })).rejects.toMatchObject({
      code: 'not_found_or_no_access',
      message: expect.stringMatching(new RegExp(`${unknownId}.*${'e'.repeat(32)}`)),
    });
    expect(patches()).toHaveLength(0);
  });

  test('an alert that goes away between reading and writing fails alone', async () => {
    tenant.faults.add({ ...patch, status: 404, body: { message: 'alert not found' } });
    tenant.faults.add({ ...patch, bodyContains: `["${idOf(1)}"]`, status: 404, body: { message: 'alert not found' } });
    const output = await setStatus({ alert_ids: [idOf(0), idOf(1), idOf(2)], status: 'CLOSED' });
    expect(output.results.map(({ verified }: { verified: boolean }) => verified)).toEqual([true, false, true]);
    expect(output).toMatchObject({ complete: false, failed: 1, changed: 2 });
    expect(output.results[1].error.code).toBe('not_found_or_no_access');
  });

  test('a connection cut after the write was taken: the state is what was asked for', async () => {
    tenant.faults.add({ ...patch, reset: 'after' });
    expect(await setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).toMatchObject({
      complete: true,
      results: [{ before: 'OPEN', status: 'TRIAGED', changed: true, verified: true }],
    });
  });

  test('HTML 502 to every write that took effect all the same is found out by reading', async () => {
    tenant.faults.add({ ...patch, reset: 'after' });
    tenant.faults.add({ ...patch, times: 20, status: 502, body: '<html>Bad Gateway</html>' });
    expect(await setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).toMatchObject({
      complete: true,
      results: [{ changed: true, verified: true, error: null }],
    });
  });

  test('a write that never arrives is no success', async () => {
    tenant.faults.add({ ...patch, times: 20, status: 502, body: '<html>Bad Gateway</html>' });
    await expect(setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).resolves.toMatchObject({
      complete: false,
      changed: 0,
      results: [{ before: 'OPEN', status: 'OPEN', changed: false, verified: false, error: { code: 'unavailable' } }],
    });
  });

  test('a 204 that changed nothing is no success', async () => {
    tenant.faults.add({ ...patch, status: 204 });
    expect(await setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).toMatchObject({
      complete: false,
      results: [{ status: 'OPEN', changed: false, verified: false, error: { code: 'conflict' } }],
    });
  });

  test('an accepted write that cannot be read back says so', async () => {
    tenant.faults.add({ service: 'panther', method: 'GET', after: 1, times: 50, status: 503, body: '' });
    expect(await setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).toMatchObject({
      complete: false,
      changed: 1,
      results: [
        {
          status: 'TRIAGED',
          changed: true,
          verified: false,
          error: { code: 'unavailable', message: expect.stringContaining('accepted') },
        },
      ],
    });
  });

  test('a refusal of the first write is an error; of a later one a result for each alert', async () => {
    tenant.faults.add({ ...patch, status: 403, body: { error: 'forbidden' } });
    await expect(setStatus({ alert_ids: [idOf(0)], status: 'TRIAGED' })).rejects.toMatchObject({
      code: 'missing_permission',
      details: { permission: 'AlertModify' },
    });
    tenant.faults.add({ ...patch, after: 1, status: 403, body: { message: 'no' } });
    const alert_ids = Array.from({ length: 60 }, (_, index) => idOf(index));
    const output = await setStatus({ alert_ids, status: 'TRIAGED' });
    expect(output).toMatchObject({ count: 60, changed: 25, failed: 35, complete: false });
    expect(output.results.map(({ id }: { id: string }) => id)).toEqual(alert_ids);
  });

  test('a dry run reads, shows what would change, and writes nothing', async () => {
    const output = await setStatus({ alert_ids: [idOf(0), idOf(100), unknownId], status: 'TRIAGED', dry_run: true });
    expect(output).toMatchObject({ dry_run: true, changed: 1, failed: 1, complete: false });
    expect(output.results).toMatchObject([
      { before: 'OPEN', status: 'TRIAGED', changed: true, verified: false },
      { before: 'TRIAGED', changed: false, verified: true },
      { changed: false, verified: false },
    ]);
    expect(patches()).toHaveLength(0);
  });

  test('an abort says how many alerts were changed', async () => {
    const controller = new AbortController();
    tenant.before(({ method }) => {
      if (method === 'PATCH' && patches().length === 1) controller.abort();
    });
    const alert_ids = Array.from({ length: 60 }, (_, index) => idOf(index));
    await expect(
      setStatus({ alert_ids, status: 'TRIAGED' }, tenant.ports({ signal: controller.signal })),
    ).rejects.toMatchObject({ code: 'cancelled', details: { changed_alerts: 25 } });
  });

  test.each([
    { alert_ids: [], status: 'OPEN' },
    { alert_ids: Array.from({ length: 101 }, (_, index) => idOf(index)), status: 'OPEN' },
    { alert_ids: [idOf(0)], status: 'INVALID' },
    { alert_ids: [idOf(0), '../users'], status: 'OPEN' },
    { alert_ids: [`https://other.example/alerts/${idOf(0)}`], status: 'OPEN' },
  ])('%j is refused before anything is sent', async (input) => {
    await expect(setStatus(input)).rejects.toMatchObject({ code: 'invalid_input' });
    expect(tenant.panther.requests).toHaveLength(0);
  });
});

describe('assignment', () => {
  const [user, other] = USERS as unknown as [{ id: string; email: string }, { id: string; email: string }];
  const assign = (input: object) => tenant.run(assignAlerts, { alert_ids: [idOf(0), idOf(1)], ...input });

  test('by e-mail address, by id, and away again', async () => {
    expect(await assign({ assignee: user.email.toUpperCase() })).toMatchObject({
      complete: true,
      changed: 2,
      assignee: { id: user.id, email: user.email },
      results: [{ before: null, assignee_id: user.id, verified: true }, {}],
    });
    expect((await alert(0)).assignee).toMatchObject({ id: user.id });
    expect(await assign({ assignee: other.id })).toMatchObject({
      results: [{ before: user.id, assignee_id: other.id }, {}],
    });
    expect(await assign({ unassign: true })).toMatchObject({
      assignee: null,
      changed: 2,
      results: [{ before: other.id, assignee_id: null, verified: true }, {}],
    });
    expect((await alert(1)).assignee).toBeUndefined();
  });

  test('exactly one of assignee and unassign', async () => {
    for (const input of [{}, { assignee: user.id, unassign: true }])
      await expect(assign(input)).rejects.toMatchObject({ code: 'invalid_input', details: { field: 'assignee' } });
    expect(tenant.panther.requests).toHaveLength(0);
  });

  test('nobody, and an account that is switched off, get nothing', async () => {
    const disabled = USERS.find(({ enabled }) => !enabled);
    for (const assignee of ['nobody@simulated-corp.example', 'no-such-id', disabled?.email, disabled?.id])
      await expect(assign({ assignee })).rejects.toMatchObject({
        code: 'invalid_input',
        details: { field: 'assignee' },
      });
    expect((await alert(0)).assignee).toBeUndefined();
  });

  test('without UserRead an id works, and an e-mail address names the permission', async () => {
    tenant.panther.settings.permissions = ['AlertRead', 'AlertModify'];
    expect(await assign({ assignee: user.id })).toMatchObject({
      complete: true,
      assignee: { id: user.id, email: null },
    });
    await expect(assign({ assignee: user.email })).rejects.toMatchObject({
      code: 'missing_permission',
      details: { permission: 'UserRead' },
    });
  });

  test('a connection cut after the mutation was accepted', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'UpdateAlertsAssigneeById', reset: 'after' });
    expect(await assign({ assignee: user.id })).toMatchObject({ complete: true, changed: 2 });
  });

  test('a dry run names the user and changes nothing', async () => {
    expect(await assign({ assignee: user.email, dry_run: true })).toMatchObject({
      assignee: { id: user.id },
      changed: 2,
      results: [{ before: null, assignee_id: user.id, verified: false }, {}],
    });
    expect((await alert(0)).assignee).toBeUndefined();
  });
});

describe('quality', () => {
  const setQuality = (input: object) => tenant.run(setAlertQuality, input);

  test('is set, and none clears it', async () => {
    expect(await setQuality({ alert_ids: [idOf(0), idOf(100)], quality: 'USEFUL' })).toMatchObject({
      results: [
        { before: null, quality: 'USEFUL', verified: true },
        { before: 'NOISE', quality: 'USEFUL', verified: true },
      ],
    });
    expect(await setQuality({ alert_ids: [idOf(0), idOf(1)], quality: 'none' })).toMatchObject({
      results: [
        { before: 'USEFUL', quality: null, changed: true, verified: true },
        { before: null, quality: null, changed: false, verified: true },
      ],
    });
    expect(patches().at(-1)).toEqual({ ids: [idOf(0)], quality: '' });
  });
});

describe('context tags', () => {
  test('are added and removed beside the others, or replaced; what changed is said', async () => {
    expect(await setTags({ alert_ids: [idOf(100), idOf(0)], tags: ['vip', 'new'], mode: 'add' })).toMatchObject({
      complete: true,
      results: [
        { before: ['vip', 'known-change'], tags: ['vip', 'known-change', 'new'], added: ['new'], removed: [] },
        { before: [], tags: ['vip', 'new'], added: ['vip', 'new'], removed: [] },
      ],
    });
    expect(await setTags({ alert_ids: [idOf(100)], tags: ['vip', 'absent'], mode: 'remove' })).toMatchObject({
      results: [{ tags: ['known-change', 'new'], added: [], removed: ['vip'] }],
    });
    expect(await setTags({ alert_ids: [idOf(100)], tags: ['new', 'other'], mode: 'replace' })).toMatchObject({
      results: [{ tags: ['new', 'other'], added: ['other'], removed: ['known-change'] }],
    });
    expect(await setTags({ alert_ids: [idOf(100)], tags: [], mode: 'replace' })).toMatchObject({
      results: [{ tags: [], removed: ['new', 'other'] }],
    });
  });

  test('nothing is written where the tags are right already, in whatever order', async () => {
    for (const [tags, mode] of [
      [['known-change', 'vip'], 'replace'],
      [['vip'], 'add'],
      [['absent'], 'remove'],
    ])
      expect(await setTags({ alert_ids: [idOf(100)], tags, mode })).toMatchObject({ changed: 0, complete: true });
    expect(patches()).toHaveLength(0);
  });

  test('tags that somebody else writes after our write are kept, and ours written again', async () => {
    let writes = 0;
    tenant.before(async ({ method }) => {
      if (method === 'PATCH') writes += 1;
      // Right after our first write, before it is read back, somebody replaces the list.
      if (method !== 'GET' || writes !== 1) return;
      writes = 10;
      await tenant.meanwhile('/alerts', 'PATCH', { ids: [idOf(100)], contextTags: ['theirs'] });
    });
    expect(await setTags({ alert_ids: [idOf(100)], tags: ['ours'], mode: 'add' })).toMatchObject({
      complete: true,
      results: [{ tags: ['theirs', 'ours'], verified: true }],
    });
    expect((await alert(100)).contextTags).toEqual(['theirs', 'ours']);
  });

  test('somebody who keeps overwriting is reported, not fought for ever', async () => {
    let writes = 0;
    tenant.before(async ({ method }) => {
      if (method === 'PATCH') writes += 1;
      else if (writes > 0) await tenant.meanwhile('/alerts', 'PATCH', { ids: [idOf(100)], contextTags: ['theirs'] });
    });
    expect(await setTags({ alert_ids: [idOf(100)], tags: ['ours'], mode: 'add' })).toMatchObject({
      complete: false,
      results: [{ tags: ['theirs'], verified: false, error: { code: 'conflict' } }],
    });
    expect(writes).toBe(3);
  });

  test('an alert that would get more than ten fails alone, in a dry run too', async () => {
    for (const dry_run of [true, false]) {
      const output = await setTags({ alert_ids: [idOf(101), idOf(0)], tags: ['eleventh'], mode: 'add', dry_run });
      expect(output).toMatchObject({
        complete: false,
        changed: 1,
        results: [
          { changed: false, error: { code: 'conflict', message: expect.stringContaining('10') } },
          { changed: true },
        ],
      });
    }
    expect((await alert(101)).contextTags).toHaveLength(10);
  });

  test.each([
    { tags: ['Upper'], mode: 'add' },
    { tags: ['has space'], mode: 'add' },
    { tags: ['x'.repeat(31)], mode: 'add' },
    { tags: [''], mode: 'add' },
    { tags: Array.from({ length: 11 }, (_, index) => `t${index}`), mode: 'replace' },
    { tags: [], mode: 'add' },
    { tags: [], mode: 'remove' },
    { tags: ['a'], mode: 'merge' },
  ])('%j is refused before anything is sent', async (input) => {
    await expect(setTags({ alert_ids: [idOf(0)], ...input })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(tenant.panther.requests).toHaveLength(0);
  });
});
