import fc from 'fast-check';
import { CancelledError, OperationError } from '../../../operations/errors';
import { ConnectionError, type HttpResponse } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import { callService, parseJson, type ServiceCall, sameOrigin } from '../../../operations/service-call';
import { type FakeHost, fakeHost } from './fake-host';

const url = 'https://service.example/api/things';

const call = (host: FakeHost, more: Partial<ServiceCall> = {}) =>
  callService(host, {
    service: 'gitlab',
    method: 'GET',
    url,
    safeToRepeat: true,
    deadline: new Deadline(host, 60_000),
    ...more,
  });
const mutate = (host: FakeHost, more: Partial<ServiceCall> = {}) =>
  call(host, { method: 'POST', safeToRepeat: false, ...more });

async function failure(promise: Promise<unknown>): Promise<OperationError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationError)) throw new Error(`no typed failure: ${String(error)}`);
  return error;
}

const trouble = fc.oneof(
  fc.constantFrom(429, 502, 503, 504).map((status) => ({ status })),
  fc.constantFrom('refused' as const, 'lost' as const, 'timeout' as const).map((kind) => ({ kind })),
);
type Trouble = { status: number } | { kind: 'refused' | 'lost' | 'timeout' };
const happen = (what: Trouble) => ('status' in what ? { status: what.status } : new ConnectionError(what.kind, 'x'));

test('a read is repeated through any passing trouble, at most five times in all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { maxLength: 8 }), async (troubles) => {
      const host = fakeHost((_, index) => (troubles[index] ? happen(troubles[index]) : { status: 200 }));
      const result = await call(host).catch((error: unknown) => error);
      expect(host.sent.length).toBe(Math.min(troubles.length + 1, 5));
      if (troubles.length < 5) expect(result).toMatchObject({ status: 200 });
      else expect(result).toBeInstanceOf(OperationError);
    }),
  );
});

test('a mutation is repeated only after what certainly did not happen: 429 and a refused connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { minLength: 1, maxLength: 8 }), async (troubles) => {
      const host = fakeHost((_, index) => (troubles[index] ? happen(troubles[index]) : { status: 200 }));
      await mutate(host).catch(() => undefined);
      const certain = (what: Trouble) => ('status' in what ? what.status === 429 : what.kind === 'refused');
      const first = troubles.findIndex((what) => !certain(what));
      const allowed = first === -1 ? troubles.length + 1 : first + 1;
      expect(host.sent.length).toBe(Math.min(allowed, 5));
    }),
  );
});

test.each([200, 201, 204, 303, 400, 401, 403, 404, 409, 500, 501])(
  'status %s is an answer, sent for once',
  async (status) => {
    const host = fakeHost(() => ({ status }));
    expect(await call(host)).toMatchObject({ status });
    expect(await mutate(host)).toMatchObject({ status });
    expect(host.sent).toHaveLength(2);
  },
);

test('nothing is sent, and nothing waited for, past the deadline', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30_000 }),
      fc.array(
        fc.record({
          what: trouble,
          tookMs: fc.integer({ min: 0, max: 20_000 }),
          after: fc.option(fc.integer({ min: 0, max: 60 })),
        }),
        { minLength: 1 },
      ),
      async (total, plan) => {
        const host = fakeHost((_, index) => {
          const step = plan[index % plan.length];
          if (step === undefined) return { status: 200 };
          const result = happen(step.what);
          const headers: Record<string, string> = step.after === null ? {} : { 'retry-after': String(step.after) };
          return result instanceof Error ? result : { ...result, tookMs: step.tookMs, headers };
        });
        const error = await failure(call(host, { deadline: new Deadline(host, total) })).catch(() => undefined);
        for (const { at, request } of host.sent) {
          expect(at).toBeLessThan(total);
          expect(at + request.timeoutMs).toBeLessThanOrEqual(Math.max(total, at + 1));
        }
        expect(host.elapsed()).toBeLessThanOrEqual(total);
        if (error) expect(['rate_limited', 'unavailable', 'timeout']).toContain(error.code);
      },
    ),
  );
});

test('the wait a service asks for is kept to the millisecond, before our own back-off', async () => {
  const host = fakeHost((_, index) =>
    index === 0 ? { status: 429, headers: { 'retry-after': '4' } } : { status: 200 },
  );
  await call(host);
  expect(host.waits).toEqual([4000]);
});

test('a wait longer than the deadline ends at once as rate_limited, with the wait', async () => {
  const host = fakeHost(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
  expect((await failure(mutate(host))).toShape()).toMatchObject({
    code: 'rate_limited',
    details: { retry_after_seconds: 3600 },
  });
  expect(host.waits).toEqual([]);
});

test('rate_limited never says to try again in no time', async () => {
  const host = fakeHost(() => ({ status: 429 }), { random: () => 0 });
  expect((await failure(call(host))).details.retry_after_seconds).toBeGreaterThan(0);
});

test('with no time left nothing is sent: a mutation would have an unknown outcome', async () => {
  const host = fakeHost(() => ({ status: 200, tookMs: 500 }));
  const deadline = new Deadline(host, 400);
  await call(host, { deadline });
  expect(await failure(mutate(host, { deadline }))).toMatchObject({ code: 'timeout' });
  expect(host.sent).toHaveLength(1);
});

test('an abort ends it before, between and during tries', async () => {
  expect(await failure(call(fakeHost(() => ({}), { signal: AbortSignal.abort() })))).toBeInstanceOf(CancelledError);
  const abort = new AbortController();
  const host = fakeHost(
    () => {
      abort.abort();
      return { status: 503 };
    },
    { signal: abort.signal },
  );
  expect(await failure(call(host))).toBeInstanceOf(CancelledError);
  expect(host.sent).toHaveLength(1);
  const other = new AbortController();
  const cut = fakeHost(
    () => {
      other.abort();
      return new ConnectionError('lost', 'aborted');
    },
    { signal: other.signal },
  );
  expect(await failure(call(cut))).toBeInstanceOf(CancelledError);
});

test('the abort signal travels with every request, for hosts to end it', async () => {
  const host = fakeHost(() => ({ status: 200 }));
  await call(host);
  expect(host.sent[0]?.request.signal).toBe(host.signal);
});

describe('redirects', () => {
  test('are followed for reads within the origin, at most three times', async () => {
    const host = fakeHost((request) => {
      const step = Number(new URL(request.url).searchParams.get('n') ?? 0);
      return step < 3
        ? { status: 302, headers: { location: `/api/things?n=${step + 1}` } }
        : { status: 200, body: 'end' };
    });
    expect(await call(host)).toMatchObject({ body: 'end' });
    expect(host.sent).toHaveLength(4);
    const endless = fakeHost(() => ({ status: 302, headers: { location: '/api/things' } }));
    expect(await failure(call(endless))).toMatchObject({ code: 'bad_response' });
    expect(endless.sent).toHaveLength(4);
  });

  test('of a mutation are never followed', async () => {
    for (const status of [301, 302, 307, 308]) {
      const host = fakeHost(() => ({ status, headers: { location: '/elsewhere' } }));
      expect(await failure(mutate(host))).toMatchObject({ code: 'bad_response' });
      expect(host.sent).toHaveLength(1);
    }
  });

  const elsewhere = fc.oneof(
    fc.webUrl(),
    fc.constantFrom(
      'http://service.example/api',
      'https://service.example:8443/',
      'https://service.example@evil.example/',
      'https://user:pw@service.example/',
      '//evil.example/x',
      '\\\\evil.example\\x',
      '/\\evil.example',
      'https:evil.example',
      'javascript:alert(1)',
      'file:///etc/passwd',
      'data:text/plain,x',
      'https://service.example.evil.example/',
      'https://[::1]/',
      'http://169.254.169.254/latest',
    ),
    fc.string(),
  );

  test('never carry the credential to another origin', async () => {
    await fc.assert(
      fc.asyncProperty(elsewhere, async (location) => {
        const host = fakeHost((_, index) => (index === 0 ? { status: 302, headers: { location } } : { status: 200 }));
        await call(host).catch((error: unknown) => expect(error).toBeInstanceOf(OperationError));
        for (const { request } of host.sent) {
          const target = new URL(request.url);
          expect(target.origin).toBe('https://service.example');
          expect(target.username + target.password).toBe('');
        }
      }),
    );
  });

  test('an address on the same origin keeps its path and query', () => {
    expect(sameOrigin('X', url, '?page=2')).toBe(`${url}?page=2`);
    expect(sameOrigin('X', url, 'https://service.example/other')).toBe('https://service.example/other');
  });
});

describe('JSON', () => {
  const response = (more: Partial<HttpResponse>): HttpResponse => ({ status: 200, headers: {}, body: '', ...more });

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseJson('slack', response({ body: JSON.stringify(value) }))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  test.each([
    [
      { body: '<html><body>502 <b>Bad Gateway</b></body></html>', status: 502 },
      /status 502 with HTML .*502 Bad Gateway/,
    ],
    [{ body: '' }, /with nothing/],
    [{ body: '{"a":' }, /not JSON/],
    [{ body: '{}', truncated: true }, /larger/],
  ])('%j is a bad response that says why', (more, expected) => {
    expect(() => parseJson('slack', response(more))).toThrow(expected);
  });

  test('what an error quotes is cleaned and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (noise) => {
        try {
          parseJson('slack', response({ body: `<p>glpat-abcdefghij0123456789 \u202e${noise}` }));
          throw new Error('parsed');
        } catch (error) {
          const { message } = error as Error;
          expect(message.length).toBeLessThan(400);
          expect(message).not.toMatch(/glpat-a|\u202e/);
        }
      }),
    );
  });
});
