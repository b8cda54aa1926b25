import fc from 'fast-check';
import { GitLab } from '../../../operations/gitlab/client';
import { getMergeRequestDetails } from '../../../operations/gitlab/get-merge-request-details';
import { listMergeRequests } from '../../../operations/gitlab/list-merge-requests';
import { listPipelineFailures } from '../../../operations/gitlab/list-pipeline-failures';
import { RatePace } from '../../../operations/gitlab/rate-pace';
import { budgetOf, mostForPipelines, mostUnderWay } from '../../../operations/gitlab/request-budget';
import { runOperation } from '../../../operations/operation';
import type { HttpRequest } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import type { TestPorts } from '../../support/ports';
import { failure, type StandIn, startStandIn } from './stand-in';
import { refTo, story } from './world';

let stand: StandIn;
beforeEach(async () => {
  stand = await startStandIn();
});
afterEach(() => stand.close());

/** Ports for any number of callers, and what all of them together had under way. */
function counted(at = stand) {
  const most = { all: 0, pipelines: 0 };
  const underWay = { all: 0, pipelines: 0 };
  const answers: number[] = [];
  const ports = (signal?: AbortSignal) => {
    const own = at.ports({}, { signal });
    const send = own.http;
    own.http = async (request) => {
      const kinds = /\/(pipelines|jobs|bridges)(\/|\?|$)/.test(request.url)
        ? (['all', 'pipelines'] as const)
        : (['all'] as const);
      for (const kind of kinds) {
        underWay[kind] += 1;
        most[kind] = Math.max(most[kind], underWay[kind]);
      }
      try {
        const response = await send(request);
        answers.push(response.status);
        return response;
      } finally {
        for (const kind of kinds) underWay[kind] -= 1;
      }
    };
    return own;
  };
  return { most, answers, ports };
}

/** A promise that is fulfilled from outside. */
function signal() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

/** Requests that wait at a gate, once `wanted` matches them; `full` when `count` of them stand there. */
function gated(make: () => TestPorts, count: number, wanted: (request: HttpRequest) => boolean = () => true) {
  const gate = signal();
  const full = signal();
  let standing = 0;
  const ports = () => {
    const own = make();
    const send = own.http;
    own.http = async (request) => {
      if (!wanted(request)) return send(request);
      standing += 1;
      if (standing === count) full.resolve();
      await gate.promise;
      return send(request);
    };
    return own;
  };
  return { ports, full: full.promise, standing: () => standing, open: () => gate.resolve() };
}

/** Ports that tell when a wait begins, and whose waits can be ended at once. */
function watchedWait(ports: TestPorts) {
  const begun = signal();
  const ended = signal();
  const { sleep } = ports;
  ports.sleep = (ms, until) => {
    begun.resolve();
    return Promise.race([sleep(ms, until), ended.promise]);
  };
  return { ports, begun: begun.promise, end: () => ended.resolve() };
}

const slow = (times: number, delayMs = 20) => stand.faults.add({ service: 'gitlab', times, delayMs });
const list = (ports: ReturnType<StandIn['ports']>) =>
  runOperation(listMergeRequests, ports, { project: '101', from: '2026-11-01', limit: 3 });

describe('requests under way', () => {
  test('all operations of the process together stay within the budget of the host', async () => {
    slow(10_000);
    const { most, ports } = counted();
    const reviews = ['ci-key-rotation', 'self-approved', 'fork', 'rename', 'stale-approval', 'no-pipeline'].map(
      (name) => runOperation(getMergeRequestDetails, ports(), refTo(story(name))),
    );
    const sweep = runOperation(listPipelineFailures, ports(), {
      group: 'simulated-corp',
      from: '2026-11-15',
      limit: 10,
    });
    await Promise.all([...reviews, sweep]);
    expect(most.all).toBe(mostUnderWay);
    expect(most.pipelines).toBeLessThanOrEqual(mostForPipelines);
    expect(most.pipelines).toBeGreaterThan(1);
  });

  test('another credential or address has a budget of its own, the same one has the same', async () => {
    const connection = { baseUrl: 'https://gitlab.example', defaults: {}, account: 'a' };
    expect(budgetOf({ ...connection })).toBe(budgetOf({ ...connection, defaults: { group: 'x' } }));
    expect(budgetOf({ ...connection, account: 'b' })).not.toBe(budgetOf(connection));
    expect(budgetOf({ ...connection, baseUrl: 'https://gitlab.example/b' })).not.toBe(budgetOf(connection));
  });

  test('who is cancelled or out of time while waiting leaves, and the places stay', async () => {
    const { ports } = counted();
    const gate = gated(ports, mostUnderWay);
    const first = Array.from({ length: mostUnderWay }, () => list(gate.ports()));
    await gate.full;
    const abort = new AbortController();
    const waiting = watchedWait(ports(abort.signal));
    const cancelled = failure(list(waiting.ports));
    await waiting.begun;
    const hurried = watchedWait(ports());
    const budget = budgetOf(await hurried.ports.connection('gitlab'));
    const request = {
      service: 'gitlab',
      method: 'GET',
      url: `${stand.baseUrl}/api/v4/version`,
      timeoutMs: 1000,
    } as const;
    const late = failure(budget.send(hurried.ports, new Deadline(hurried.ports, 60_000), request));
    await hurried.begun;
    abort.abort();
    expect(await cancelled).toMatchObject({ code: 'cancelled' });
    hurried.end();
    expect(await late).toMatchObject({ code: 'timeout', message: expect.stringContaining('other requests') });
    expect(budget.isIdle).toBe(false);
    gate.open();
    expect((await Promise.all(first)).every(({ count }) => count === 3)).toBe(true);
    // Nobody holds a place any more, and none was lost.
    expect(budget.isIdle).toBe(true);
    const again = await Promise.all(Array.from({ length: mostUnderWay * 2 }, () => list(ports())));
    expect(again.every(({ count }) => count === 3)).toBe(true);
  });

  test('of these, four for pipelines and jobs, whoever asks; others get past them', async () => {
    const { most, ports } = counted();
    const gate = gated(ports, mostForPipelines, ({ url }) => url.includes('/pipelines'));
    const opened = await Promise.all(
      Array.from({ length: 3 * mostForPipelines }, () => GitLab.open(gate.ports(), 60_000)),
    );
    const reads = opened.map((gitlab, index) =>
      gitlab.get(index % 2 === 0 ? '/projects/101/pipelines' : `/projects/101/pipelines/latest`, {}, 'the pipelines'),
    );
    await gate.full;
    // All places for pipelines are taken, and a list of merge requests has one of its own.
    expect((await list(ports())).count).toBe(3);
    expect(gate.standing()).toBe(mostForPipelines);
    gate.open();
    await Promise.allSettled(reads);
    expect(gate.standing()).toBe(reads.length);
    expect(most.pipelines).toBeLessThanOrEqual(mostForPipelines);
  });
});

describe('rate limits', () => {
  test.each(['retry_after', 'reset_only', 'html', 'plain_text'] as const)(
    'a refusal is waited out, whichever layer in front of GitLab gave it (%s)',
    async (rateAnswer) => {
      let refused = 0;
      // On a busy machine the requests of one try may fall into several periods, and then none is refused.
      for (let attempt = 0; refused === 0 && attempt < 8; attempt += 1) {
        const own = await startStandIn({ settings: { rateLimit: 4, rateSeconds: 1, rateAnswer } });
        const { answers, ports } = counted(own);
        // At once, so that the headers of one cannot slow down the others.
        const results = await Promise.all(Array.from({ length: 7 }, () => list(ports())));
        await own.close();
        expect(results.map(({ count }) => count)).toEqual(Array.from({ length: 7 }, () => 3));
        refused = answers.filter((status) => status === 429).length;
      }
      expect(refused).toBeGreaterThan(0);
    },
    60_000,
  );

  test.each(['retry_after', 'reset_only', 'html', 'plain_text'] as const)(
    'a wait of more than a minute is not sat out: the caller is told how long (%s)',
    async (rateAnswer) => {
      Object.assign(stand.gitlab.settings, { rateLimit: 1, rateSeconds: 86_400, rateAnswer });
      const ports = stand.ports();
      const gitlab = await GitLab.open(ports, 3_600_000);
      await gitlab.get('/version', {}, 'the version');
      const error = await failure(gitlab.get('/version', {}, 'the version'));
      expect(error.code).toBe('rate_limited');
      expect(Number(error.details.retry_after_seconds)).toBeGreaterThan(60);
      expect(ports.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(7_000);
    },
  );

  test('very old servers refuse with 403, which is no missing permission', async () => {
    Object.assign(stand.gitlab.settings, { rateLimit: 1, rateSeconds: 86_400, rateAnswer: 'old_403' });
    const gitlab = await GitLab.open(stand.ports(), 3_600_000);
    await gitlab.get('/version', {}, 'the version');
    expect(await failure(gitlab.get('/version', {}, 'the version'))).toMatchObject({
      code: 'rate_limited',
      details: { status: 403 },
    });
  });

  test('when few requests are left they are spread over the time until there are more', async () => {
    Object.assign(stand.gitlab.settings, { rateLimit: 12, rateSeconds: 1 });
    const { answers, ports } = counted();
    const gitlab = await GitLab.open(ports(), 30_000);
    for (let sent = 0; sent < 16; sent += 1) await gitlab.get('/version', {}, 'the version');
    expect(answers.filter((status) => status === 429).length).toBeLessThanOrEqual(1);
    expect(answers.length).toBeLessThanOrEqual(17);
  });

  test('who keeps the pace is not refused, whatever the limit and the period', () => {
    /** Refusals of a server with fixed periods, whose clock is 17 minutes ahead, asked without a break for three of them. */
    const refusals = (limit: number, seconds: number, pace: Pick<RatePace, 'see' | 'delayMs'>): number => {
      const begin = Date.parse('2026-11-22T12:00:00Z');
      let [now, period, used, refused] = [begin, 0, 0, 0];
      while (now < begin + 3_000 * seconds) {
        now += pace.delayMs(new Date(now)) + 1;
        const server = now + 17 * 60_000;
        const current = Math.floor(server / 1000 / seconds);
        if (current !== period) [period, used] = [current, 0];
        if (used >= limit) refused += 1;
        else used += 1;
        const headers = {
          date: new Date(server).toISOString(),
          'ratelimit-limit': String(limit),
          'ratelimit-remaining': String(limit - used),
          'ratelimit-reset': String((current + 1) * seconds),
        };
        pace.see(headers, new Date(now));
      }
      return refused;
    };
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 400 }), fc.integer({ min: 1, max: 8 }), (limit, seconds) => {
        expect(refusals(limit, seconds, new RatePace())).toBe(0);
      }),
      { numRuns: 25 },
    );
    expect(refusals(100, 2, { see: () => undefined, delayMs: () => 0 })).toBeGreaterThan(1_000);
  });

  test('the pace: nothing to wait for with many left, turns with few, and a bound whatever the server says', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    const headers = (remaining: number, seconds: number) => ({
      date: now.toUTCString(),
      'ratelimit-limit': '2000',
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(now.getTime() / 1000 + seconds),
    });
    const pace = new RatePace();
    expect(pace.delayMs(now)).toBe(0);
    pace.see(headers(1_500, 60), now);
    expect(pace.delayMs(now)).toBe(0);
    pace.see(headers(99, 60), now);
    const [first, second] = [pace.delayMs(now), pace.delayMs(now)];
    expect(first).toBeCloseTo(600, 0);
    expect(second).toBeGreaterThan(first + 500);
    for (let turn = 0; turn < 50; turn += 1) expect(pace.delayMs(now)).toBeLessThanOrEqual(5_000);
    // Nothing left for a day: GitLab's answer says so, waiting does not help.
    pace.see(headers(0, 86_400), now);
    expect(pace.delayMs(now)).toBe(0);
    pace.see(headers(0, 3), now);
    expect(pace.delayMs(now)).toBe(3_000);
    // Without the headers, and after the reset, nothing is waited for.
    pace.see({}, now);
    expect(pace.delayMs(new Date(now.getTime() + 86_400_001))).toBe(0);
    // The server's clock is an hour ahead of ours: the time left counts, not the clock.
    const skewed = new RatePace();
    skewed.see(headers(10, 8), new Date(now.getTime() - 3_600_000));
    expect(skewed.delayMs(new Date(now.getTime() - 3_600_000))).toBeCloseTo(8_000 / 11, 0);
  });
});

describe('addresses', () => {
  test('a moved project is asked at its new address once that is known', async () => {
    const mr = story('green-after-merge');
    const ports = stand.ports();
    const result = await runOperation(getMergeRequestDetails, ports, {
      project: 'simulated-corp/payments-api',
      iid: mr.iid,
    });
    expect(result.merge_request.project).toBe(mr.project.path);
    const paths = ports.requests.map(({ url }) => new URL(url).pathname);
    expect(paths.filter((path) => path.includes('simulated-corp%2Fpayments-api')).length).toBe(1);
    expect(paths.filter((path) => path.includes('/projects/102/')).length).toBeGreaterThan(3);
  });

  test.each([
    ['/users/sign_in', 'outside its API'],
    ['/other/api/v4/projects/1', 'outside its API'],
    ['https://evil.example/api/v4/projects/1', 'another host'],
  ])('a redirect to %s is not followed', async (location, text) => {
    const below = await startStandIn({ subPath: '/gitlab' });
    below.faults.add({ service: 'gitlab', status: 302, headers: { location }, body: '' });
    const ports = below.ports();
    const error = await failure(list(ports));
    expect(error).toMatchObject({ code: 'bad_response', message: expect.stringContaining(text) });
    expect(ports.requests.length).toBe(1);
    await below.close();
  });

  test('a list by keys is followed by its links alone', async () => {
    const next = `${stand.baseUrl}/api/v4/projects/101/jobs?pagination=keyset&id_after=5`;
    const page = (id: number, link?: string) =>
      stand.faults.add({
        service: 'gitlab',
        path: '/jobs',
        status: 200,
        headers: link === undefined ? {} : { link },
        body: [{ id }],
      });
    page(6, `<${next}>; rel="next"`);
    page(5);
    const ports = stand.ports();
    const gitlab = await GitLab.open(ports, 10_000);
    const ids = await gitlab.list(
      '/projects/101/jobs',
      { pagination: 'keyset', order_by: 'id', sort: 'desc' },
      'the jobs',
      100,
      (value) => (value as { id: number }).id,
    );
    expect(ids).toMatchObject({ items: [6, 5], complete: true });
    expect(ports.requests[1]?.url).toBe(next);
  });

  test.each([
    [{ message: { base: [{ nested: ['is not valid'] }] } }, 'base nested is not valid'],
    [{ message: { error: 'too long' } }, 'error too long'],
    [{ error: 'author_id, author_username are mutually exclusive' }, 'mutually exclusive'],
  ])('an error told as %j is told on', async (body, text) => {
    stand.faults.add({ service: 'gitlab', status: 400, body, times: 3 });
    expect((await failure(list(stand.ports()))).message).toContain(text);
  });
});
