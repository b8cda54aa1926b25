import { blockUser } from '../../../operations/gitlab/block-user';
import { unblockUser } from '../../../operations/gitlab/unblock-user';
import { runOperation } from '../../../operations/operation';
import { SIMULATED_PEOPLE as P } from '../../../sandbox/src/simulated-people';
import { failure, type StandIn, startStandIn } from './stand-in';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn({ settings: { tokenRole: 'admin', tokenScope: 'api' } });
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const block = (given: Record<string, unknown>) => runOperation(blockUser, stand.ports(), given);
const unblock = (given: Record<string, unknown>) => runOperation(unblockUser, stand.ports(), given);
const writes = () => stand.gitlab.requests.filter(({ method }) => method !== 'GET').map(({ path }) => path);
const jonas = 200 + P.jonas.number;

test('a dry run is the default, says what would happen, and sends nothing but reads', async () => {
  expect(await block({ username: '@jonas.lindqvist' })).toMatchObject({
    outcome: 'planned',
    dry_run: true,
    state_before: 'active',
    state_after: null,
    undo: null,
    user: { id: jonas, username: 'jonas.lindqvist', is_admin: false, bot: false },
  });
  expect(writes()).toEqual([]);
});

test('blocks, reads again, names what takes it back; and the other way round', async () => {
  expect(await block({ username: 'jonas.lindqvist', user_id: jonas, dry_run: false, reason: 'case 1' })).toMatchObject({
    outcome: 'verified',
    state_before: 'active',
    state_after: 'blocked',
    undo: { tool: 'unblock_user', user_id: jonas },
    reason: 'case 1',
  });
  expect(await block({ user_id: jonas, dry_run: false })).toMatchObject({ outcome: 'unchanged', undo: null });
  expect(writes()).toEqual([`/api/v4/users/${jonas}/block`]);
  expect(await unblock({ user_id: jonas, dry_run: false })).toMatchObject({
    outcome: 'verified',
    state_after: 'active',
  });
  expect(await unblock({ user_id: jonas, dry_run: false })).toMatchObject({ outcome: 'unchanged' });
});

describe('whom it refuses', () => {
  test.each([
    ['the user of its own token', { username: P.tokenBot.username, allow_bot: true }, 'own_user'],
    ['an administrator', { username: P.mira.username }, 'administrator'],
    ['a bot', { username: P.deployBot.username }, 'bot'],
  ])('%s', async (_who, given, refused) => {
    expect(await failure(block({ ...given, dry_run: false }))).toMatchObject({
      code: 'invalid_input',
      details: { refused },
    });
    expect(writes()).toEqual([]);
  });

  test('a bot only when that was said', async () => {
    expect(await block({ username: P.deployBot.username, allow_bot: true, dry_run: false })).toMatchObject({
      outcome: 'verified',
    });
  });

  test('somebody of whom GitLab does not say whether they are an administrator or a bot', async () => {
    for (const body of [{ bot: false }, { is_admin: false }]) {
      stand.faults.add({
        service: 'gitlab',
        path: `/users/${jonas}$`,
        status: 200,
        body: { id: jonas, username: 'jonas.lindqvist', state: 'active', ...body },
      });
      expect(await failure(block({ user_id: jonas, dry_run: false }))).toMatchObject({ code: 'invalid_input' });
    }
    expect(writes()).toEqual([]);
  });

  test('a name that is not exactly that of the user, and an id that belongs to another name', async () => {
    expect(await failure(block({ username: 'jonas', dry_run: false }))).toMatchObject({
      code: 'not_found_or_no_access',
    });
    expect(await failure(block({ username: 'priya.nair', user_id: jonas, dry_run: false }))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('jonas.lindqvist'),
    });
    expect(await failure(block({ dry_run: false }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'username' },
    });
    expect(writes()).toEqual([]);
  });

  test('unblocking: who is banned or waits for approval stays so', async () => {
    for (const state of ['banned', 'blocked_pending_approval', 'ldap_blocked', 'deactivated']) {
      stand.faults.add({
        service: 'gitlab',
        path: `/users/${jonas}$`,
        status: 200,
        body: { id: jonas, username: 'x', state },
      });
      expect(await failure(unblock({ user_id: jonas, dry_run: false }))).toMatchObject({
        details: { refused: 'state' },
      });
    }
    expect(writes()).toEqual([]);
  });
});

describe('missing rights', () => {
  test('a token that is no administrator’s', async () => {
    stand.gitlab.settings.tokenRole = 'owner';
    expect(await failure(block({ username: 'jonas.lindqvist' }))).toMatchObject({
      code: 'missing_permission',
      message: expect.stringContaining('administrator access'),
    });
  });

  test('an administrator’s token that may only read', async () => {
    stand.gitlab.settings.tokenScope = 'read_api';
    expect(await failure(block({ username: 'jonas.lindqvist', dry_run: false }))).toMatchObject({
      code: 'missing_permission',
      message: expect.stringContaining('the scope api'),
    });
  });

  test('a user that a directory manages', async () => {
    expect(await failure(block({ username: P.kwame.username, dry_run: false }))).toMatchObject({
      code: 'missing_permission',
      message: expect.stringContaining('LDAP'),
    });
  });
});

describe('outcomes that are not known at once', () => {
  test('the connection breaks after it took effect: repeated, since twice is the same as once', async () => {
    stand.faults.add({ service: 'gitlab', method: 'POST', reset: 'after' });
    expect(await block({ user_id: jonas, dry_run: false })).toMatchObject({
      outcome: 'verified',
      state_after: 'blocked',
    });
    expect(writes()).toHaveLength(2);
  });

  test('GitLab says yes and does nothing', async () => {
    stand.faults.add({ service: 'gitlab', method: 'POST', status: 201, body: true });
    expect(await block({ user_id: jonas, dry_run: false })).toMatchObject({
      outcome: 'failed',
      state_after: 'active',
      undo: null,
    });
  });

  test('GitLab fails, and the second read tells that nothing happened', async () => {
    stand.faults.add({ service: 'gitlab', method: 'POST', status: 500, body: '' });
    expect(await block({ user_id: jonas, dry_run: false })).toMatchObject({ outcome: 'failed', state_after: 'active' });
  });

  test('the state afterwards cannot be read', async () => {
    stand.faults.add({ service: 'gitlab', path: `/users/${jonas}$`, after: 1, status: 500, body: '' });
    expect(await block({ user_id: jonas, dry_run: false })).toMatchObject({
      outcome: 'unverified',
      state_after: null,
      undo: { tool: 'unblock_user' },
    });
  });
});
