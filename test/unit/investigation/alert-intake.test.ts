import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { alertSchema } from '../../../operations/investigation/alert';
import { alertCoverage } from '../../../operations/investigation/alert-coverage';
import { dedupKey, parseAlert } from '../../../operations/investigation/alert-format';
import { checkedAgainst, Notes, withNotes } from '../../../operations/investigation/alert-notes';
import { correlate } from '../../../operations/investigation/correlate';
import { duplicateKeys } from '../../../operations/investigation/duplicate-keys';
import { planFor } from '../../../operations/investigation/plan';
import { repeatedKeys } from '../../../operations/investigation/repeated-keys';
import { call, results, sampleAlert } from '../../support/cloud-rows';

const guide = {
  id: 'A-1',
  severity: 'high',
  source: 'panther',
  timestamp: '2026-01-15T09:30:00Z',
  indicators: [{ type: 'user', value: 'eve' }],
};
const now = new Date('2026-01-15T10:00:00Z');
const keyOf = (body: unknown) => dedupKey(parseAlert(body));

describe('times', () => {
  test('without a zone UTC is assumed, and the case says so and stays open', () => {
    const alert = parseAlert({ ...guide, timestamp: '2026-01-15 09:30:00' });
    expect(alert.created_at).toBe('2026-01-15T09:30:00.000Z');
    expect(alert.data_quality).toEqual([
      { field: 'timestamp', keeps_open: true, problem: expect.stringContaining('taken as UTC') },
    ]);
    expect(parseAlert(guide).data_quality).toBeUndefined();
    expect(parseAlert({ ...guide, timestamp: '2026-01-15T10:30:00+01:00' }).data_quality).toBeUndefined();
    expect(parseAlert({ alertId: 'x', severity: 'LOW', createdAt: '2026-01-15T09:30:00' }).data_quality).toHaveLength(
      1,
    );
    expect(
      parseAlert({ id: 'x', severity: 'LOW', time: '2026-01-15T09:30:00', message: 'm' }).data_quality,
    ).toHaveLength(1);
  });

  test('what is not sure about the alert keeps an otherwise clean case open', () => {
    const alert = sampleAlert();
    const query_results = results(alert, { actor_activity: [call('s3', 'ListBuckets')] });
    expect(correlate({ alert, query_results }).verdict.outcome).toBe('false_positive');
    const note = { field: 'timestamp', problem: 'No zone; UTC was assumed.', keeps_open: true };
    const open = correlate({ alert: withNotes(alert, [note]), query_results });
    expect(open.verdict.outcome).toBe('needs_review');
    expect(open.verdict.not_seen.join()).toContain('UTC was assumed');
    expect(open.next_actions.join()).toContain('alert_data');
    const mild = withNotes(alert, [{ ...note, keeps_open: false }]);
    expect(correlate({ alert: mild, query_results }).verdict.outcome).toBe('false_positive');
  });

  test('in the future: the time of arrival counts, so that no query looks at hours that have not been', () => {
    const alert = checkedAgainst(parseAlert({ ...guide, timestamp: '2031-01-15T09:30:00Z' }), now);
    expect(alert.created_at).toBe(now.toISOString());
    expect(alertCoverage(alert)).toMatchObject([{ status: 'failed', problem: expect.stringContaining('2031') }]);
    const close = parseAlert({ ...guide, timestamp: '2026-01-15T10:10:00Z' });
    expect(checkedAgainst(close, now)).toBe(close);
  });

  test('long ago: the time stays, the case says that logs may be gone', () => {
    const old = parseAlert({ ...guide, timestamp: '2025-01-15T09:30:00Z' });
    const checked = checkedAgainst(old, now);
    expect(checked.created_at).toBe(old.created_at);
    expect(checked.data_quality).toMatchObject([{ keeps_open: false, problem: expect.stringContaining('365 days') }]);
    expect(alertCoverage(checked)).toEqual([]);
  });

  test('notes that keep a case open are never crowded out', () => {
    const mild = Array.from({ length: 30 }, (_, n) => ({ field: `f${n}`, problem: 'p', keeps_open: false }));
    const kept = withNotes(withNotes(parseAlert(guide), mild), [{ field: 'time', problem: 'p', keeps_open: true }]);
    expect(kept.data_quality).toHaveLength(20);
    expect(alertCoverage(kept)).toHaveLength(1);
    const notes = new Notes();
    for (let n = 0; n < 50; n += 1) notes.add('f', 'p', false);
    expect(notes.list).toHaveLength(20);
  });
});

describe('ids', () => {
  test('that differ only in what cannot be seen or is half a character are two alerts', () => {
    const ids = ['a\ud800', 'a\udfff', 'a', 'a\u200b', 'a\u202e', '\ud800a'];
    expect(new Set(ids.map((id) => keyOf({ ...guide, id }))).size).toBe(ids.length);
    expect(keyOf({ ...guide, id: ' a\n' })).toBe(keyOf({ ...guide, id: 'a' }));
    expect(parseAlert({ ...guide, id: 'a\ud800' }).id).toMatch(/^a~[0-9a-f]{12}$/);
  });

  test('any two different texts have different keys, and the same has the same', () => {
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(id, id, (one, other) => {
        const key = (value: string) => {
          try {
            return keyOf({ ...guide, id: value });
          } catch (error) {
            if (error instanceof InvalidInputError) return undefined;
            throw error;
          }
        };
        const [a, b] = [key(one), key(other)];
        expect(key(one)).toBe(a);
        const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
        if (a !== undefined && b !== undefined && plain(one) !== plain(other)) expect(a).not.toBe(b);
      }),
      { numRuns: 500 },
    );
  });
});

describe('keys that stand twice', () => {
  test.each([
    ['{"a":1,"a":2}', [{ path: 'a', depth: 0 }]],
    ['{"a":1,"\\u0061":2}', [{ path: 'a', depth: 0 }]],
    ['{"a":{"b":1,"c":[{"d":1},{"d":1,"d":2}]}}', [{ path: 'a.c.1.d', depth: 3 }]],
    ['{"a":{"b":1},"b":{"a":[1,"{\\"x\\":1,\\"x\\":2}"]}}', []],
    ['[{"a":1},{"a":2}]', []],
    ['{"a":"\\\\","b":"\\"","c":"{","d":"a"}', []],
    ['{"__proto__":1,"constructor":2}', []],
  ])('%s', (text, expected) => {
    JSON.parse(text);
    expect(duplicateKeys(text)).toEqual(expected);
  });

  test('are found wherever they are, and never where they are not', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string(), (value, key) => {
        expect(duplicateKeys(JSON.stringify(value))).toEqual([]);
        expect(duplicateKeys(JSON.stringify(value, null, 2))).toEqual([]);
        const twice = `{"in":[${JSON.stringify(value)},{${JSON.stringify(key)}:1,${JSON.stringify(key)}:${JSON.stringify(value)}}]}`;
        expect(duplicateKeys(twice)).toEqual([{ path: `in.1.${key}`, depth: 2 }]);
      }),
      { numRuns: 300 },
    );
  });

  test('at the top the alert is refused, deeper the case stays open', () => {
    expect(() => repeatedKeys('{"id":"a","id":"b"}')).toThrow(InvalidInputError);
    expect(() => repeatedKeys('{"finding_info":{"uid":"a","uid":"b"}}')).toThrow('finding_info.uid');
    expect(repeatedKeys('{"alertContext":{"user":"a","user":"b"}}')).toMatchObject([
      { field: 'alertContext.user', keeps_open: true },
    ]);
  });

  test('depth costs no stack', () => {
    const deep = `${'['.repeat(200_000)}1${']'.repeat(200_000)}`;
    expect(duplicateKeys(deep)).toEqual([]);
  });
});

/** Bodies that look like alerts, with anything in the places that are read. */
const body = fc.oneof(
  fc.anything({ withNullPrototype: true }),
  fc.record(
    {
      id: fc.anything(),
      alertId: fc.oneof(fc.string(), fc.anything()),
      severity: fc.oneof(fc.constantFrom('low', 'CRITICAL', 'INFO'), fc.anything()),
      source: fc.oneof(fc.constant('schedule '), fc.string(), fc.anything()),
      timestamp: fc.oneof(fc.constantFrom('2026-01-15T09:30:00Z', '2026-01-15 09:30'), fc.anything()),
      createdAt: fc.oneof(fc.constant('2026-01-15T09:30:00Z'), fc.anything()),
      indicators: fc.oneof(
        fc.array(fc.oneof(fc.string(), fc.record({ type: fc.string(), value: fc.string() }))),
        fc.anything(),
      ),
      alertContext: fc.oneof(
        fc.dictionary(fc.constantFrom('user', 'arn', 'sourceIPAddress', 'x'), fc.string()),
        fc.anything(),
      ),
      class_uid: fc.constantFrom(2004, 2005, 2001, 3002, 1.5, '2004'),
      severity_id: fc.oneof(fc.integer({ min: -1, max: 100 }), fc.anything()),
      time: fc.oneof(fc.integer(), fc.double(), fc.anything()),
      metadata: fc.anything(),
      finding_info: fc.oneof(fc.record({ uid: fc.string(), title: fc.anything() }), fc.anything()),
      finding_info_list: fc.anything(),
      observables: fc.array(fc.record({ type_id: fc.integer({ min: 0, max: 30 }), value: fc.anything() })),
      evidences: fc.anything(),
      resources: fc.anything(),
    },
    { requiredKeys: [] },
  ),
);

test('whatever comes, it is an alert in our form or an error that names its field; and no query asks for more than it names', () => {
  fc.assert(
    fc.property(body, (given) => {
      let alert: ReturnType<typeof parseAlert>;
      try {
        alert = parseAlert(given);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        expect((error as InvalidInputError).field).not.toBe('');
        return;
      }
      expect(() => alertSchema.parse(alert)).not.toThrow();
      expect(Number.isNaN(Date.parse(alert.created_at))).toBe(false);
      // Nothing named: nothing asked. Only the schedule's own hunt looks at everybody.
      const plan = planFor(alert);
      if (alert.entities.length === 0 && alert.source !== 'schedule') expect(plan.queries).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
