import { listUsers } from '../../../operations/panther/list-users';
import { USERS } from '../../../sandbox/src/panther/directory';
import { type Answering, failureOf, startAnswering } from './answering';
import { startTenant, type Tenant } from './tenant';

let tenant: Tenant;
let odd: Answering;
beforeAll(async () => {
  [tenant, odd] = await Promise.all([startTenant(), startAnswering()]);
});
afterAll(() => Promise.all([tenant.close(), odd.close()]));
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
  odd.seen.length = 0;
});

interface Listed {
  users: { id: string; email: string; name: string | null }[];
  complete: boolean;
  next: string | null;
}
const list = async (input: object = {}) => (await tenant.run(listUsers, input)) as unknown as Listed;
const emails = ({ users }: Listed) => users.map(({ email }) => email.split('@')[0]);
const active = USERS.filter(({ enabled }) => enabled);
const ask = async (input: object = {}) => (await odd.run(listUsers, input)) as unknown as Listed;
const user = (name: string, more: object = {}) => ({
  id: `id-${name}`,
  email: `${name}@simulated-corp.example`,
  givenName: name,
  familyName: 'Simulated',
  enabled: true,
  status: 'CONFIRMED',
  role: { id: 'r', name: 'Analyst', permissions: ['AlertRead'] },
  ...more,
});

test('lists whom an alert can be assigned to, with no more than is needed', async () => {
  const output = await list();
  expect(output).toMatchObject({ count: active.length, complete: true, next: null });
  expect(output.users[0]).toEqual({
    id: active[0]?.id,
    email: 'eva.novak@simulated-corp.example',
    name: 'Eva Novak (simulated)',
    enabled: true,
    status: 'CONFIRMED',
    role: 'Analyst',
    last_logged_in_at: '2026-01-05T08:30:00.000Z',
  });
});

test.each([
  ['a part of the name', { contains: 'NOVAK' }, ['eva.novak']],
  ['an address in any case', { email: 'Eva.Novak@Simulated-Corp.example' }, ['eva.novak']],
  ['an address and a part of the name', { email: 'eva.novak@simulated-corp.example', contains: 'fischer' }, []],
  ['a status', { status: 'DISABLED', include_deactivated: true }, ['nils.overgaard']],
  ['ids', { ids: [USERS[1]?.id, USERS[2]?.id] }, ['rafael.fischer', 'sian.davies']],
])('filters by %s', async (_name, input, expected) => {
  expect(emails(await list(input))).toEqual(expected);
});

test('deactivated users come only when asked for', async () => {
  expect(emails(await list())).not.toContain('nils.overgaard');
  expect(emails(await list({ include_deactivated: true }))).toContain('nils.overgaard');
});

test('a filter by address leaves the other filters in force', async () => {
  odd.answer = () => ({ status: 200, body: { results: [user('eva', { enabled: false }), user('other')] } });
  expect(await ask({ email: 'eva@simulated-corp.example' })).toMatchObject({ users: [] });
  expect(emails(await ask({ email: 'eva@simulated-corp.example', include_deactivated: true }))).toEqual(['eva']);
  expect(emails(await ask({ email: 'eva@simulated-corp.example', include_deactivated: true, status: 'X' }))).toEqual(
    [],
  );
});

test('a service that ignores every filter is filtered here', async () => {
  odd.answer = () => ({
    status: 200,
    body: { results: [user('right', { status: 'NEW' }), user('wrong', { status: 'NEW' }), user('rightly')] },
  });
  expect(emails(await ask({ contains: 'RIGHT', status: 'new', ids: ['id-right', 'id-rightly'] }))).toEqual(['right']);
});

test.each([1, 2, 3])('in pages of %i, every user comes once and in order', async (limit) => {
  const seen: unknown[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 9; pages += 1) {
    const output = await list({ limit, cursor });
    seen.push(...emails(output));
    if (output.next === null) break;
    cursor = output.next;
  }
  expect(seen).toEqual(active.map(({ email }) => email.split('@')[0]));
});

test('no page is asked for with more than 60 users, and every one of many comes once', async () => {
  const many = Array.from({ length: 150 }, (_, index) => user(`u${index}`));
  odd.answer = ({ query }) => {
    const from = Number(query.get('cursor') ?? 0);
    const end = from + Number(query.get('limit'));
    return { status: 200, body: { results: many.slice(from, end), next: end < many.length ? String(end) : '' } };
  };
  expect(await ask({ limit: 1000 })).toMatchObject({ count: 150, complete: true, next: null });
  expect(odd.seen.map(({ query }) => Number(query.get('limit')))).toEqual([60, 60, 60]);
  const cut = await ask({ limit: 100 });
  expect(cut).toMatchObject({ count: 100, complete: false });
  expect(emails(await ask({ limit: 100, cursor: cut.next }))).toEqual(
    many.slice(100).map(({ givenName }) => givenName),
  );
});

test('a cursor that repeats ends the reading as incomplete', async () => {
  odd.answer = () => ({ status: 200, body: { results: [user(`u${odd.seen.length}`)], next: 'again' } });
  expect(await ask({ limit: 50 })).toMatchObject({ complete: false, count: 2 });
  expect(odd.seen).toHaveLength(2);
});

test('hostile names are cleaned; what is not needed is left out', async () => {
  odd.answer = () => ({
    status: 200,
    body: { results: [user('x', { givenName: '\u202Eevil\u200B\n', familyName: null, role: 'none', phone: '1' })] },
  });
  expect((await ask()).users[0]).toEqual({
    id: 'id-x',
    email: 'x@simulated-corp.example',
    name: 'evil',
    enabled: true,
    status: 'CONFIRMED',
    role: null,
    last_logged_in_at: null,
  });
});

test('without the permission it is refused by name', async () => {
  tenant.panther.settings.permissions = ['AlertRead'];
  expect(await failureOf(list())).toMatchObject({ code: 'missing_permission', details: { permission: 'UserRead' } });
});
