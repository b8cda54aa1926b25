import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { fieldsOf } from '../../../nodes-host/fields';
import { listSearchOf } from '../../../nodes-host/list-search';
import { locatedValue, locatorOf } from '../../../nodes-host/locators';
import { UnauthenticatedError } from '../../../operations/errors';
import type { Operation } from '../../../operations/operation';
import { execution } from './execution';
import { lookUpRecord } from './sample-operations';

const getAlert: Operation = {
  ...lookUpRecord,
  name: 'get_alert',
  toolset: 'panther',
  input: z.object({ alert_id: z.string().describe('Alert') }),
};

/** Lists alerts a-0 to a-119, two a page, as far as `name_contains` and the page go. */
function listAlerts(run?: Operation['run']): { operation: Operation; asked: Record<string, unknown>[] } {
  const asked: Record<string, unknown>[] = [];
  const operation: Operation = {
    ...lookUpRecord,
    name: 'list_alerts',
    toolset: 'panther',
    services: [],
    list: 'alerts',
    input: z.object({ limit: z.number().describe('Most'), cursor: z.string().optional().describe('Where') }),
    output: z.object({ alerts: z.array(z.record(z.unknown())), next: z.string().nullable() }),
    run:
      run ??
      (async (_ports, input) => {
        asked.push(input);
        const from = Number(input.cursor ?? 0);
        const alerts = [from, from + 1].map((at) => ({
          id: `a-${at}`,
          title: `Login ${at}`,
          severity: 'HIGH',
          status: 'OPEN',
          created_at: '2026-11-22T10:04:59Z',
        }));
        return { alerts, next: from + 2 < 120 ? String(from + 2) : null };
      }),
  };
  return { operation, asked };
}

function search(operations: Operation[], filter?: string, token?: string) {
  const { context } = execution({ items: [], parameters: {} });
  const { searchAlerts } = listSearchOf('panther', operations);
  if (searchAlerts === undefined) throw new Error('there is no search for alerts');
  return searchAlerts.call(context as unknown as ILoadOptionsFunctions, filter, token);
}

describe('searching a list', () => {
  it('gives a page, with the context before the title, and where to go on', async () => {
    const { operation } = listAlerts();
    const first = await search([getAlert, operation]);
    expect(first.results).toEqual([
      { name: 'HIGH · open · 11-22 10:04 · Login 0', value: 'a-0' },
      { name: 'HIGH · open · 11-22 10:04 · Login 1', value: 'a-1' },
    ]);
    const second = await search([getAlert, operation], undefined, first.paginationToken);
    expect(second.results.map(({ value }) => value)).toEqual(['a-2', 'a-3']);
  });

  it('filters here what the service did not, and reads on past pages without a match, but not for ever', async () => {
    const { operation, asked } = listAlerts();
    expect((await search([getAlert, operation], 'login 7')).results.map(({ value }) => value)).toEqual(['a-7']);
    expect(asked).toHaveLength(4);
    const none = await search([getAlert, operation], 'nothing like it');
    expect(none.results).toEqual([]);
    expect(asked).toHaveLength(9);
    expect(none.paginationToken).toBeDefined();
  });

  it("throws the operation's own message", async () => {
    const { operation } = listAlerts(async () => {
      throw new UnauthenticatedError('Panther', 'Check the token.');
    });
    await expect(search([getAlert, operation])).rejects.toThrow(
      'Panther did not accept the credential. Check the token.',
    );
  });

  it.each(['no JSON', '{"cursor":7}', '{"cursor":["x"]}'])('refuses a position that is none: %s', async (token) => {
    await expect(search([getAlert, listAlerts().operation], '', token)).rejects.toMatchObject({
      context: { data: { code: 'invalid_input' } },
    });
  });

  it('is not there without the operation that lists, and the field is plain text then', () => {
    expect(listSearchOf('panther', [getAlert])).toEqual({});
    const field = fieldsOf(getAlert)[0];
    if (field === undefined) throw new Error('no field');
    expect(locatorOf('panther', field, [getAlert])).toBeUndefined();
    expect(locatorOf('panther', field, [getAlert, listAlerts().operation])).toBeDefined();
    expect(locatorOf('gitlab', field, [getAlert, listAlerts().operation])).toBeUndefined();
  });
});

describe('a stored value', () => {
  it.each([
    ['a-1', 'a-1'],
    [{ __rl: true, mode: 'list', value: 'a-1', cachedResultName: 'HIGH · Login' }, 'a-1'],
    [{ mode: 'id', value: 'a-1' }, 'a-1'],
    [{ __rl: true, mode: 'list', value: '' }, ''],
    [{ other: 'object' }, { other: 'object' }],
    [undefined, undefined],
  ])('%j stands for %j', (stored, value) => {
    expect(locatedValue(stored, undefined)).toEqual(value);
  });

  it('is taken out of an address where the mode says how, and only there', () => {
    const locator = {
      search: 's',
      lists: 'l',
      entry: () => undefined,
      byHand: [
        {
          displayName: 'By URL',
          name: 'url',
          type: 'string' as const,
          extractValue: { type: 'regex' as const, regex: 'https:\\/\\/[^\\/]+\\/things\\/([0-9]+)(?:[\\/?#].*)?' },
        },
      ],
    };
    const stored = (mode: string, value: string) => locatedValue({ __rl: true, mode, value }, locator);
    expect(stored('url', 'https://x.example/things/42?tab=1')).toBe('42');
    expect(stored('url', 'https://x.example/things/42x')).toBe('https://x.example/things/42x');
    expect(stored('id', 'https://x.example/things/42')).toBe('https://x.example/things/42');
  });
});

describe('a list beside a kind', () => {
  const kinds = ['RULE', 'POLICY'] as const;
  const asked: unknown[] = [];
  const disable: Operation = {
    ...lookUpRecord,
    name: 'disable_detection',
    toolset: 'panther',
    input: z.object({ detection_id: z.string().describe('Id'), type: z.enum(kinds).describe('Type') }),
  };
  const listOthers: Operation = {
    ...lookUpRecord,
    name: 'list_others',
    toolset: 'panther',
    input: z.object({
      detection_id: z.string().optional().describe('Id'),
      type: z.enum(kinds).optional().describe('T'),
    }),
  };
  const listDetections: Operation = {
    ...lookUpRecord,
    name: 'list_detections',
    toolset: 'panther',
    services: [],
    list: 'detections',
    input: z.object({ types: z.array(z.enum(kinds)).optional().describe('Types') }),
    output: z.object({ detections: z.array(z.record(z.unknown())) }),
    run: async (_ports, input) => {
      asked.push(input);
      return { detections: [] };
    },
  };

  it.each([
    ['the kind that is chosen', { operation: 'disableDetection', type: 'POLICY' }, { types: ['POLICY'] }],
    ['all kinds when it is given by expression', { operation: 'disableDetection', type: '={{ $json.type }}' }, {}],
    ['all kinds when the operation asks for none', { operation: 'listOthers', type: 'POLICY' }, {}],
    ['all kinds before anything is chosen', {}, {}],
  ])('has %s', async (_, parameters: Record<string, unknown>, expected) => {
    asked.length = 0;
    const { context } = execution({ items: [], parameters: {} });
    Object.assign(context, { getCurrentNodeParameter: (name: string) => parameters[name] });
    const { searchDetections } = listSearchOf('panther', [disable, listOthers, listDetections]);
    await searchDetections?.call(context as unknown as ILoadOptionsFunctions);
    expect(asked).toEqual([expected]);
  });
});
