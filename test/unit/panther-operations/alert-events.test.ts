import { listAlertEvents } from '../../../operations/panther/list-alert-events';
import { type AlertTenant, eventsOf, idOf, startAlertTenant, storedAlert, unknownId } from './alert-tenant';

let tenant: AlertTenant;
const large = eventsOf(2, 120, {
  payload: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 'x'.repeat(3900)])),
});
const huge = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`k${n}`, 'y'.repeat(3900)]));
beforeAll(async () => {
  tenant = await startAlertTenant([
    storedAlert(1, { events: eventsOf(1, 130) }),
    storedAlert(2, { events: large }),
    storedAlert(3, { events: eventsOf(3, 3, { payload: huge }) }),
    storedAlert(4, { events: eventsOf(4, 1, { userAgent: '\u202Eevil\u200B token=glpat-abcdefghijklmnopqrst' }) }),
    storedAlert(5, { events: [] }),
  ]);
});
afterEach(() => tenant.reset());
afterAll(() => tenant.close());

const read = (alert: number, input: object = {}) => tenant.run(listAlertEvents, { alert_id: idOf(alert), ...input });
const rowIds = (output: { events?: { p_row_id: string }[] }) => (output.events ?? []).map(({ p_row_id }) => p_row_id);
const sizes = () => tenant.panther.requests.map(({ query }) => Number(new URLSearchParams(query).get('limit')));

test('events beyond the largest page are read in pages, each once', async () => {
  const output = await read(1, { limit: 1000 });
  expect(output).toMatchObject({ count: 130, complete: true, next: null, cut_by: null });
  expect(new Set(rowIds(output)).size).toBe(130);
  expect(Math.max(...sizes())).toBe(50);
});

test('the default gives 50, and next goes on without a gap or a double', async () => {
  const first = await read(1);
  expect(first).toMatchObject({ count: 50, complete: false, cut_by: 'limit' });
  const second = await read(1, { limit: 33, cursor: first.next });
  const third = await read(1, { limit: 1000, cursor: second.next });
  expect(third.complete).toBe(true);
  const all = [first, second, third].flatMap(rowIds);
  expect(all).toHaveLength(130);
  expect(new Set(all).size).toBe(130);
});

test('the cap on characters leaves out whole pages, says so, and next repeats nothing', async () => {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let call = 0; call < 20; call += 1) {
    const output = await read(2, { limit: 1000, cursor });
    expect(JSON.stringify(output.events).length).toBeLessThanOrEqual(1_000_100);
    ids.push(...rowIds(output));
    if (output.complete) break;
    expect(output.cut_by).toBe('characters');
    cursor = output.next;
  }
  expect(ids).toEqual(large.map((event) => String(event.p_row_id)));
});

test('an event that is over the cap alone still comes, so that reading goes on', async () => {
  const first = await read(3, { limit: 3 });
  expect(first).toMatchObject({ count: 1, complete: false, cut_by: 'characters' });
  const second = await read(3, { limit: 3, cursor: first.next });
  expect([...rowIds(first), ...rowIds(second)]).toEqual(['3-0', '3-1']);
});

test('rows are cleaned', async () => {
  const { events } = await read(4);
  expect(events[0].userAgent).toBe('evil token=[redacted GitLab token]');
});

test('an alert without events is complete, an unknown alert is not found', async () => {
  expect(await read(5)).toMatchObject({ events: [], count: 0, complete: true });
  await expect(tenant.run(listAlertEvents, { alert_id: unknownId })).rejects.toMatchObject({
    code: 'not_found_or_no_access',
  });
});

test('a refusal in the other shape names the permission', async () => {
  tenant.panther.settings.permissions = [];
  await expect(read(1)).rejects.toMatchObject({ code: 'missing_permission', details: { permission: 'AlertRead' } });
});
