import fc from 'fast-check';
import { Poll, type PollSettings } from '../../../nodes-host/panther-trigger/poll-cursor';
import { type PollState, readPollState } from '../../../nodes-host/panther-trigger/poll-state';

const minute = 60_000;
const settings: PollSettings = {
  overlapMs: 10 * minute,
  lookBackMs: 0,
  maxAlerts: 1000,
  repeatAfterRestart: true,
};
const start = Date.parse('2026-03-01T12:00:00Z');

interface Alert {
  id: string;
  createdAt: number;
  /** When the list begins to show it, in Panther's time. */
  visibleAt: number;
}

/** A tenant that shows each alert from some moment on, page by page, newest first, by a cursor that is a position by key. */
class Tenant {
  constructor(readonly alerts: Alert[]) {}

  page(now: number, from: number, cursor: string | undefined, size: number, ascending = false) {
    const order = (a: Alert, b: Alert) =>
      (b.createdAt - a.createdAt || a.id.localeCompare(b.id)) * (ascending ? -1 : 1);
    const listed = this.alerts.filter((alert) => alert.visibleAt <= now && alert.createdAt >= from).sort(order);
    const [after, id] = (cursor ?? '').split('|');
    const key = { id: id ?? '', createdAt: Number(after), visibleAt: 0 };
    const rest = cursor === undefined ? listed : listed.filter((alert) => order(alert, key) > 0);
    const alerts = rest.slice(0, size);
    const last = alerts.at(-1);
    return { alerts, next: rest.length > size && last ? `${last.createdAt}|${last.id}` : null };
  }
}

interface Setup {
  session?: string;
  pageSize?: number;
  pages?: number;
  ascending?: boolean;
  settings?: Partial<PollSettings>;
}

/** One poll against the tenant, as the node does it. */
function pollOnce(tenant: Tenant, stored: PollState | undefined, now: number, panthersNow: number, setup: Setup = {}) {
  const own = { ...settings, ...setup.settings };
  const poll = new Poll<Alert>(stored, setup.session ?? 'process-1', now, own);
  for (let pages = 0; poll.wantsMore && pages < (setup.pages ?? 100); pages += 1) {
    const { alerts, next } = tenant.page(panthersNow, poll.from, poll.next, setup.pageSize ?? 50, setup.ascending);
    poll.take(alerts, next);
  }
  // What is stored goes through JSON.
  return { batch: poll.batch(), state: readPollState(JSON.parse(JSON.stringify(poll.state()))) };
}

const alert = (id: string, minutes: number, visibleAfter = 0): Alert => ({
  id,
  createdAt: start + minutes * minute,
  visibleAt: start + (minutes + visibleAfter) * minute,
});
const ids = (batch: { alert: Alert }[]) => batch.map(({ alert: { id } }) => id);

function run(tenant: Tenant, times: number[], setup: Setup = {}, stored?: PollState) {
  const batches: string[][] = [];
  let state = stored;
  for (const at of times) {
    const result = pollOnce(tenant, state, start + at * minute, start + at * minute, setup);
    batches.push(ids(result.batch));
    state = result.state;
  }
  return { batches, state };
}

it('hands on nothing of the past at first, and everything after it', () => {
  const tenant = new Tenant([alert('old', -30), alert('just-before', -1), alert('new', 1)]);
  expect(run(tenant, [0, 2, 3]).batches).toEqual([[], ['new'], []]);
});

it('looks back at first as far as it is told', () => {
  const tenant = new Tenant([alert('older', -31), alert('old', -29), alert('new', 1)]);
  expect(run(tenant, [0, 2], { settings: { lookBackMs: 30 * minute } }).batches).toEqual([['old'], ['new']]);
});

it('takes an alert that appears late, with a creation time before ones that are done', () => {
  const tenant = new Tenant([alert('early', 1, 8), alert('late', 5)]);
  expect(run(tenant, [0, 6, 10, 11]).batches).toEqual([[], ['late'], ['early'], []]);
});

it('takes alerts of a tenant whose clock is behind n8n, within the overlap', () => {
  const tenant = new Tenant([alert('before', -6), alert('after', -4)]);
  // n8n says 12:00 while Panther says 11:55.
  const first = pollOnce(tenant, undefined, start, start - 5 * minute);
  expect(ids(first.batch)).toEqual([]);
  const second = pollOnce(tenant, first.state, start + 2 * minute, start - 3 * minute);
  expect(ids(second.batch)).toEqual(['after']);
});

it('takes alerts of a tenant whose clock is ahead of n8n', () => {
  const tenant = new Tenant([alert('ahead', 5), alert('next', 7)]);
  const first = pollOnce(tenant, undefined, start, start + 4 * minute);
  const second = pollOnce(tenant, first.state, start + 1 * minute, start + 6 * minute);
  const third = pollOnce(tenant, second.state, start + 3 * minute, start + 8 * minute);
  expect([first, second, third].map(({ batch }) => ids(batch))).toEqual([[], ['ahead'], ['next']]);
});

it('is not taken along by an alert dated in the far future', () => {
  const strange = { id: 'strange', createdAt: start + 1e9 * minute, visibleAt: start + minute };
  const tenant = new Tenant([strange, alert('normal', 5), alert('later', 30)]);
  expect(run(tenant, [0, 2, 6, 31, 60]).batches).toEqual([[], ['strange'], ['normal'], ['later'], []]);
});

it('goes on with what did not fit into one poll, and skips nothing that is raised meanwhile', () => {
  const tenant = new Tenant(Array.from({ length: 10 }, (_, index) => alert(`a${index}`, 1 + index * 0.1)));
  tenant.alerts.push(alert('meanwhile', 3.5));
  const { batches } = run(tenant, [0, 3, 4, 5, 6, 7], { pageSize: 2, settings: { maxAlerts: 4 } });
  expect(batches.map((batch) => batch.length)).toEqual([0, 4, 4, 2, 1, 0]);
  expect(batches.flat().sort()).toEqual(tenant.alerts.map(({ id }) => id).sort());
});

it('begins a listing again when its cursor is no longer good, without handing anything on twice', () => {
  const tenant = new Tenant(Array.from({ length: 6 }, (_, index) => alert(`a${index}`, 1 + index * 0.1)));
  const { state } = run(tenant, [0, 3], { pageSize: 2, settings: { maxAlerts: 2 } });
  const poll = new Poll<Alert>(state, 'process-1', start + 4 * minute, settings);
  expect(poll.next).toBeDefined();
  poll.startOver();
  while (poll.wantsMore) {
    const { alerts, next } = tenant.page(start + 4 * minute, poll.from, poll.next, 2);
    poll.take(alerts, next);
  }
  expect(poll.batch()).toHaveLength(4);
});

it('hands on the last batch again after a restart, marked, and only that', () => {
  const tenant = new Tenant([alert('one', 1), alert('two', 3)]);
  const { state } = run(tenant, [0, 2, 4]);
  const restarted = pollOnce(tenant, state, start + 5 * minute, start + 5 * minute, { session: 'process-2' });
  expect(restarted.batch).toEqual([{ alert: expect.objectContaining({ id: 'two' }), repeated: true }]);
  const after = pollOnce(tenant, restarted.state, start + 6 * minute, start + 6 * minute, { session: 'process-2' });
  expect(after.batch).toEqual([]);
});

it('repeats nothing after a restart when it is told so', () => {
  const tenant = new Tenant([alert('one', 1)]);
  const { state } = run(tenant, [0, 2]);
  const setup = { session: 'process-2', settings: { repeatAfterRestart: false } };
  expect(pollOnce(tenant, state, start + 5 * minute, start + 5 * minute, setup).batch).toEqual([]);
});

it('stores a state that does not grow: what no listing can meet again is forgotten', () => {
  const tenant = new Tenant(Array.from({ length: 500 }, (_, index) => alert(`a${index}`, index)));
  const { state } = run(
    tenant,
    Array.from({ length: 500 }, (_, index) => index + 0.5),
  );
  expect(Object.keys(state?.confirmed.done ?? {}).length).toBeLessThan(15);
});

it.each([[undefined], [null], [{}], [{ confirmed: { position: 'now' } }], ['text']])(
  'takes %p for a first poll',
  (stored) => {
    expect(readPollState(stored)).toBeUndefined();
  },
);

describe('whatever comes in whatever order', () => {
  const anAlert = fc.record({
    createdAt: fc.integer({ min: 1, max: 120 }),
    delay: fc.integer({ min: 0, max: 9 }),
    future: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1_000_000) }),
  });
  /** How a poll ends: as it should, or with n8n gone before, while or after it stored things. */
  const ending = fc.constantFrom(
    'well',
    'before-anything',
    'only-position-stored',
    'only-execution-stored',
    'after-both',
  );
  const world = fc.record({
    alerts: fc.array(anAlert, { maxLength: 40 }),
    gaps: fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 25 }),
    endings: fc.array(ending, { minLength: 1, maxLength: 25 }),
    pageSize: fc.integer({ min: 1, max: 6 }),
    pages: fc.integer({ min: 1, max: 4 }),
    maxAlerts: fc.integer({ min: 1, max: 8 }),
    ascending: fc.boolean(),
    /** How much n8n's clock is ahead of Panther's, in minutes. */
    skew: fc.integer({ min: -3, max: 1 }),
  });

  function live(given: typeof world extends fc.Arbitrary<infer World> ? World : never, crashes: boolean) {
    const alerts = given.alerts.map(
      ({ createdAt, delay, future }, index): Alert => ({
        id: `a${index}`,
        createdAt: start + (createdAt + future) * minute,
        visibleAt: start + (createdAt + delay) * minute,
      }),
    );
    const tenant = new Tenant(alerts);
    const delivered: string[] = [];
    let memory: PollState | undefined;
    let disk: PollState | undefined;
    let session = 0;
    let at = 0;
    const poll = (ends: string) => {
      const now = start + at * minute;
      const setup = { ...given, session: `process-${session}`, settings: { maxAlerts: given.maxAlerts } };
      const { batch, state } = pollOnce(tenant, memory, now + given.skew * minute, now, setup);
      const stores = ends !== 'before-anything' && ends !== 'only-execution-stored';
      const delivers = ends !== 'before-anything' && ends !== 'only-position-stored';
      if (delivers) delivered.push(...ids(batch));
      // n8n stores the position on activation and with a batch; as long as it runs it remembers it anyway.
      if (stores && (disk === undefined || batch.length > 0)) disk = state;
      memory = state;
      if (ends === 'well') return;
      memory = disk;
      session += 1;
    };
    poll('well');
    for (const [index, gap] of given.gaps.entries()) {
      at += gap;
      poll(crashes ? (given.endings[index % given.endings.length] ?? 'well') : 'well');
    }
    at = Math.max(at, 130);
    // Polls until nothing can be left, however few pages each of them reads.
    for (let rest = 0; rest < 150; rest += 1) {
      at += 1;
      poll('well');
    }
    return { all: alerts.map(({ id }) => id).sort(), delivered };
  }

  it('every alert is handed on exactly once while n8n lives', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { all, delivered } = live(given, false);
        expect(delivered.sort()).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  it('every alert is handed on at least once, whenever n8n stops between asking, storing and starting', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { all, delivered } = live(given, true);
        expect([...new Set(delivered)].sort()).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });
});
