import fc from 'fast-check';
import { z } from 'zod';
import { inResultMode, readResultMode } from '../../../nodes-host/result-modes';
import type { Operation } from '../../../operations/operation';
import { echoFields, lookUpRecord } from './sample-operations';

const alerts: Operation = {
  ...echoFields,
  list: 'alerts',
  output: z.object({
    alerts: z.array(z.object({ id: z.string(), title: z.string(), actor: z.object({ id: z.string() }).nullable() })),
    count: z.number(),
    complete: z.boolean(),
    next: z.string().nullable(),
    note: z.string().nullable(),
  }),
};
const simplified = { mode: 'simplified' } as const;
const selected = (...fields: string[]) => ({ mode: 'selected', fields }) as const;
const list = (...records: unknown[]) => ({
  alerts: records,
  count: records.length,
  complete: false,
  next: null,
  note: null,
});

describe('result modes', () => {
  it('leave the output alone unless one is chosen', () => {
    const output = list({ id: 'a', actor: null });
    expect(inResultMode(alerts, output, readResultMode({}))).toBe(output);
    expect(inResultMode(alerts, output, readResultMode({ resultMode: 'raw' }))).toBe(output);
  });

  it('simplify: no empty values, objects folded in, lists of objects counted, long text cut', () => {
    const record = {
      id: 'a',
      title: 'x'.repeat(600),
      actor: { id: 'u-1', name: null, team: { name: 'blue', lead: { id: 'deep' } } },
      tags: ['one', 'two'],
      deliveries: [{ to: 'x' }, { to: 'y' }],
      empty: [],
      note: '',
      flag: false,
      zero: 0,
    };
    expect(inResultMode(alerts, list(record), simplified)).toEqual({
      alerts: [
        {
          id: 'a',
          title: `${'x'.repeat(500)}…`,
          actor_id: 'u-1',
          actor_team_name: 'blue',
          tags: ['one', 'two'],
          deliveries_count: 2,
          flag: false,
          zero: 0,
        },
      ],
      count: 1,
      complete: false,
      next: null,
    });
  });

  it('never let a folded name take the place of a field', () => {
    const [record] = inResultMode(alerts, list({ actor_id: 'own', actor: { id: 'folded' } }), simplified)
      .alerts as unknown[];
    expect(record).toEqual({ actor_id: 'own' });
  });

  it('select: the named fields in their places, null where a record has none, and how much of the list is here', () => {
    const output = list({ id: 'a', actor: { id: 'u-1', name: 'x' } }, { id: 'b', actor: null });
    expect(inResultMode(alerts, output, selected('id', 'actor.id'))).toEqual({
      alerts: [
        { id: 'a', actor: { id: 'u-1' } },
        { id: 'b', actor: { id: null } },
      ],
      count: 2,
      complete: false,
      next: null,
    });
  });

  it('select columns of a query, also with dots in their names', () => {
    const rows: Operation = { ...alerts, output: z.object({ alerts: z.array(z.record(z.unknown())) }) };
    expect(inResultMode(rows, { alerts: [{ 'a.b': 1, c: 2 }] }, selected('a.b', 'unheard'))).toEqual({
      alerts: [{ 'a.b': 1, unheard: null }],
    });
  });

  it('select: whether it was done at all, and how to go on, stay beside what was selected', () => {
    const rows: Operation = { ...alerts, output: alerts.output.extend({ alerts: z.array(z.record(z.unknown())) }) };
    const told = { status: 'running', query_id: 'q-1', poll_after_seconds: 3, dry_run: true, failed: 1, valid: false };
    expect(inResultMode(rows, { ...list(), ...told, hint: 'go on', cut_by: null }, selected('id'))).toEqual({
      ...told,
      alerts: [],
      count: 0,
      complete: false,
      next: null,
    });
  });

  it('select nothing that every object inherits', () => {
    const rows: Operation = { ...alerts, output: alerts.output.extend({ alerts: z.array(z.record(z.unknown())) }) };
    expect(inResultMode(rows, list({ id: 'a' }), selected('constructor', 'toString')).alerts).toEqual([
      { constructor: null, toString: null },
    ]);
    expect(() => inResultMode(alerts, list(), selected('constructor'))).toThrow(/not a field here/);
  });

  it('select from a single result', () => {
    const output = { record_id: 'r', found: 'x', case_id: null };
    expect(inResultMode(lookUpRecord, output, selected('found'))).toEqual({ found: 'x' });
  });

  it.each([
    [{ resultMode: 'selected' }, /names no field/],
    [{ resultMode: 'selected', resultFields: ' , ' }, /names no field/],
    [{ resultMode: 'all' }, /is not one of raw, selected, simplified/],
  ])('refuse %j', (options, message) => {
    expect(() => readResultMode(options)).toThrow(message);
  });

  it('refuse a field that no record can have, and name those there are', () => {
    expect(() => inResultMode(alerts, list(), selected('id', 'tittle'))).toThrow(
      /"tittle" is not a field here; there are id, title, actor/,
    );
  });

  it('take names as text between commas, a line each, or as a list, and a whole object once', () => {
    for (const resultFields of ['id, actor, actor.id', 'id\nactor', ['id', 'actor']]) {
      expect(readResultMode({ resultMode: 'selected', resultFields })).toEqual(selected('id', 'actor'));
    }
  });

  it('change no output and no prototype, whatever it holds', () => {
    const record = fc.dictionary(
      fc.oneof(fc.constantFrom('__proto__', 'constructor', 'id'), fc.string()),
      fc.jsonValue(),
    );
    const rows: Operation = { ...alerts, output: z.object({ alerts: z.array(z.record(z.unknown())) }) };
    fc.assert(
      fc.property(fc.array(record, { maxLength: 3 }), fc.array(fc.string({ minLength: 1 })), (records, fields) => {
        const output = { alerts: records };
        const before = JSON.stringify(output);
        inResultMode(rows, output, simplified);
        inResultMode(rows, output, selected('__proto__.polluted', 'constructor.prototype.polluted', ...fields));
        expect(JSON.stringify(output)).toBe(before);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
