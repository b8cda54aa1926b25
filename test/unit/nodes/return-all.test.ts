import { z } from 'zod';
import { mostRecords, returnAll } from '../../../nodes-host/return-all';
import type { Operation } from '../../../operations/operation';
import { echoFields } from './sample-operations';

const listThings: Operation = {
  ...echoFields,
  name: 'list_things',
  list: 'things',
  input: z.object({
    created_after: z.string().optional().describe('From'),
    created_before: z.string().optional().describe('To'),
    limit: z.number().int().min(1).max(1000).default(100).describe('Most'),
    cursor: z.string().optional().describe('Where to go on'),
  }),
  output: z.object({
    things: z.array(z.number()),
    count: z.number(),
    complete: z.boolean(),
    next: z.string().nullable(),
  }),
};

/** A list of `total` numbers in pages of at most 700. */
function things(total: number) {
  const asked: Record<string, unknown>[] = [];
  const call = async (input: Record<string, unknown>) => {
    asked.push(input);
    const from = Number(input.cursor ?? 0);
    const to = Math.min(total, from + Math.min(700, Number(input.limit)));
    return {
      things: Array.from({ length: to - from }, (_, at) => from + at),
      count: to - from,
      complete: to === total,
      next: to === total ? null : String(to),
      window: { from: '2026-11-01T00:00:00Z', to: null },
    };
  };
  return { asked, call };
}

describe('Return All', () => {
  it.each([0, 1, 700, 701, 2500])('reads a list of %d to its end', async (total) => {
    const { call } = things(total);
    const result = await returnAll(listThings, {}, call);
    expect(result).toMatchObject({ count: total, complete: true, next: null });
    expect(result.things).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  it('stops at its ceiling, and says that there is more and where', async () => {
    const { call } = things(mostRecords + 1);
    expect(await returnAll(listThings, {}, call)).toMatchObject({
      count: mostRecords,
      complete: false,
      next: String(mostRecords),
    });
  });

  it('does not run in circles', async () => {
    let calls = 0;
    const call = async () => {
      calls += 1;
      return { things: [calls], count: 1, complete: false, next: calls % 2 === 0 ? 'even' : 'odd' };
    };
    expect(await returnAll(listThings, {}, call)).toMatchObject({ count: 3, complete: false });
  });

  it('keeps the filters, begins at a given cursor, and stays in the window that the first page took', async () => {
    const { asked, call } = things(1500);
    await returnAll(listThings, { cursor: '100', created_before: '2026-11-20' }, call);
    expect(asked).toEqual([
      { cursor: '100', created_before: '2026-11-20', limit: 1000 },
      { cursor: '800', created_before: '2026-11-20', created_after: '2026-11-01T00:00:00Z', limit: 1000 },
    ]);
  });
});

describe('what pages say beside their records', () => {
  const pages: Record<string, Record<string, unknown>> = {
    first: { things: [1], count: 1, complete: false, next: 'second', problem: 'no permission', missing: ['a'] },
    second: { things: [2], count: 1, complete: true, next: null, problem: null, missing: [] },
  };

  it('stays said when the last page does not repeat it', async () => {
    const result = await returnAll(listThings, {}, async ({ cursor }) => ({
      ...pages[String(cursor ?? 'first')],
      window: { from: '2026-11-01T00:00:00Z', to: null, defaulted: cursor === undefined },
    }));
    expect(result).toEqual({
      things: [1, 2],
      count: 2,
      complete: true,
      next: null,
      problem: 'no permission',
      missing: ['a'],
      window: { from: '2026-11-01T00:00:00Z', to: null, defaulted: true },
    });
  });
});
