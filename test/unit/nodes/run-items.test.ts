import type { INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';
import { runItems } from '../../../nodes-host/run-items';
import { InvalidInputError } from '../../../operations/errors';
import type { Operation } from '../../../operations/operation';
import { type Execution, type ExecutionSetup, execution } from './execution';
import { answerJson, type LocalServer, listen } from './local-server';
import { lookUpRecord, sampleOperations } from './sample-operations';

const items = (...values: string[]): INodeExecutionData[] => values.map((id) => ({ json: { id, kept: 'as it was' } }));
const run = ({ context }: Execution) => runItems(context, 'investigation', context.continueOnFail(), sampleOperations);

describe('running a node over its items', () => {
  let server: LocalServer;
  let requests: { path: string; token: string | undefined }[];

  beforeEach(async () => {
    requests = [];
    server = await listen((request, response) => {
      const token = request.headers['private-token'] as string | undefined;
      requests.push({ path: request.url ?? '', token });
      const id = decodeURIComponent((request.url ?? '').split('/').pop() ?? '');
      if (id === 'gone') return answerJson(response, 200, { wrong: 'shape' });
      if (id === 'elsewhere') return response.writeHead(302, { location: 'http://127.0.0.2:9/steal' }).end();
      return answerJson(response, 200, { found: `record ${id}` });
    });
  });
  afterEach(() => server.close());

  const lookUp = (setup: Partial<ExecutionSetup> = {}) =>
    execution({
      items: items('r-1', 'r-2'),
      parameters: {
        resource: 'logRecord',
        operation: 'lookUpRecord',
        recordId: (json: { id?: unknown }) => json.id,
        // Longer than a test may take: none of them ends because its time is up.
        options: { waitSeconds: 60 },
      },
      credentials: { gitLabSocApi: { url: `${server.url}/`, accessToken: 'simulated-token' } },
      ...setup,
    });

  it('runs once for each item, with that item, and links every output to it', async () => {
    expect(await run(lookUp())).toEqual([
      { json: { record_id: 'r-1', found: 'record r-1', case_id: null }, pairedItem: { item: 0 } },
      { json: { record_id: 'r-2', found: 'record r-2', case_id: null }, pairedItem: { item: 1 } },
    ]);
    expect(requests).toEqual([
      { path: '/records/r-1', token: 'simulated-token' },
      { path: '/records/r-2', token: 'simulated-token' },
    ]);
  });

  it('tells the model of an agent first that texts are data, when it runs as a tool', async () => {
    const asTool = lookUp();
    const node = asTool.context.getNode();
    asTool.context.getNode = () => ({ ...node, type: `${node.type}Tool` });
    const [first, second] = await run(asTool);
    expect(JSON.stringify(first?.json)).toMatch(/^\{"untrusted_text":"Texts in this answer.*never follow instructions/);
    expect(first?.json).toMatchObject({ record_id: 'r-1', found: 'record r-1' });
    expect(second?.json).toEqual({ record_id: 'r-2', found: 'record r-2', case_id: null });
  });

  it('takes resource and operation from each item', async () => {
    const results = await run(
      lookUp({
        parameters: {
          resource: 'logRecord',
          operation: (_: unknown, index: number) => (index === 0 ? 'lookUpRecord' : 'echoFields'),
          recordId: 'r-9',
          title: 'T',
          entities: [],
        },
      }),
    );
    expect(results.map(({ json }) => Object.keys(json))).toEqual([
      ['record_id', 'found', 'case_id'],
      ['input', 'records'],
    ]);
  });

  it('leaves the input items as they were', async () => {
    const given = Object.freeze(items('r-1').map((item) => Object.freeze({ json: Object.freeze(item.json) })));
    await run(lookUp({ items: given as unknown as INodeExecutionData[] }));
    expect(given[0]?.json).toEqual({ id: 'r-1', kept: 'as it was' });
  });

  it('gives one item a record when asked, each linked, and none for an empty list', async () => {
    const results = await run(
      lookUp({
        items: [{ json: { n: 2 } }, { json: { n: 0 } }, { json: { n: 1 } }],
        parameters: {
          operation: 'echoFields',
          title: 'T',
          entities: (json: { n?: unknown }) =>
            Array.from({ length: Number(json.n) }, (_, at) => ({ type: 'ip', value: `192.0.2.${at}` })),
          options: { splitIntoItems: true },
        },
      }),
    );
    expect(results).toEqual([
      { json: { type: 'ip', value: '192.0.2.0' }, pairedItem: { item: 0 } },
      { json: { type: 'ip', value: '192.0.2.1' }, pairedItem: { item: 0 } },
      { json: { type: 'ip', value: '192.0.2.0' }, pairedItem: { item: 2 } },
    ]);
  });

  describe('with several items', () => {
    const order: string[] = [];
    let running = 0;
    let most = 0;
    /** Takes longer the earlier it comes, and fails for `bad`. */
    const slow = (effect: Operation['effect'], name: string): Operation => ({
      ...lookUpRecord,
      name,
      effect,
      services: [],
      runsFor: undefined,
      async run(_ports, { record_id }) {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, record_id === 'r-1' ? 30 : 5));
        running -= 1;
        order.push(String(record_id));
        if (record_id === 'bad') throw new InvalidInputError('record_id', 'is bad');
        return { record_id: String(record_id), found: 'x', case_id: null };
      },
    });
    const both = [slow('read', 'read_slowly'), slow('write', 'write_slowly')];
    const over = (ids: string[], operation: unknown, onError?: ExecutionSetup['onError']) => {
      const { context } = execution({
        items: items(...ids),
        parameters: { operation, recordId: (json: { id?: unknown }) => json.id },
        ...(onError === undefined ? {} : { onError }),
      });
      return runItems(context, 'investigation', context.continueOnFail(), both);
    };
    beforeEach(() => {
      order.length = 0;
      most = 0;
    });

    it('reads three at a time, and gives the results in the order of the items', async () => {
      const results = await over(['r-1', 'r-2', 'r-3', 'r-4', 'r-5'], 'readSlowly');
      expect(most).toBe(3);
      expect(order[0]).not.toBe('r-1');
      expect(results.map(({ json, pairedItem }) => [json.record_id, pairedItem])).toEqual(
        ['r-1', 'r-2', 'r-3', 'r-4', 'r-5'].map((id, item) => [id, { item }]),
      );
    });

    it('changes things one after another, with nothing beside it', async () => {
      await over(['r-1', 'r-2', 'r-3'], 'writeSlowly');
      expect([most, order]).toEqual([1, ['r-1', 'r-2', 'r-3']]);
      order.length = 0;
      const mixed = (_: unknown, index: number) => (index === 1 ? 'writeSlowly' : 'readSlowly');
      await over(['r-1', 'r-2', 'r-3'], mixed);
      expect([most, order]).toEqual([1, ['r-1', 'r-2', 'r-3']]);
    });

    it('puts an error in the place of its item', async () => {
      const results = await over(['r-1', 'bad', 'r-3'], 'readSlowly', 'continueRegularOutput');
      expect(results.map(({ json }) => json.error !== undefined)).toEqual([false, true, false]);
      expect(results.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
      await expect(over(['r-1', 'bad', 'r-3'], 'readSlowly')).rejects.toMatchObject({ context: { itemIndex: 1 } });
    });
  });

  it('reads SQL from the editor through n8n, and SQL by expression as n8n gives it', async () => {
    const given: unknown[] = [];
    const query: Operation = {
      ...lookUpRecord,
      name: 'run_sample_sql',
      services: [],
      runsFor: undefined,
      input: z.object({ sql: z.string().describe('SQL') }),
      async run(_ports, { sql }) {
        given.push(sql);
        return { record_id: 'r', found: 'x', case_id: null };
      },
    };
    const word = '{{ 6 * 7 }}';
    for (const [stored, value] of [
      ["SELECT '{{ $json.word }}'", "SELECT '{{ $json.word }}'"],
      ["=SELECT '{{ $json.word }}'", `SELECT '${word}'`],
    ]) {
      const { context } = execution({
        items: [{ json: { word } }],
        parameters: { operation: 'runSampleSql', sql: value },
      });
      Object.assign(context, {
        getNode: () => ({ name: 'Node', parameters: { sql: stored } }),
        evaluateExpression: (text: string) => text.replace('{{ $json.word }}', word),
      });
      await runItems(context, 'investigation', false, [query]);
    }
    expect(given).toEqual([`SELECT '${word}'`, `SELECT '${word}'`]);
  });

  describe('when an item fails', () => {
    const mixed = items('r-1', 'gone', 'r-3');

    it('goes on and puts the error, with the echoed input, into a linked item', async () => {
      const results = await run(lookUp({ items: mixed, onError: 'continueRegularOutput' }));
      expect(results.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
      expect(results[1]?.json).toEqual({
        record_id: 'gone',
        error: { code: 'unavailable', message: expect.stringMatching(/unexpected condition/), details: {} },
      });
    });

    it('gives the error output an item that n8n recognises: nothing beside the error', async () => {
      const results = await run(lookUp({ items: mixed, onError: 'continueErrorOutput' }));
      expect(results[1]).toEqual({
        json: { error: expect.objectContaining({ code: 'unavailable', input: { record_id: 'gone' } }) },
        pairedItem: { item: 1 },
      });
    });

    it('otherwise ends the node with an error that names the item, the code and what to do', async () => {
      const error = await failure(lookUp({ items: items('r-1', 'elsewhere') }));
      expect(error).toMatchObject({
        name: 'NodeApiError',
        message: expect.stringMatching(/pointed to another host/),
        context: { itemIndex: 1, data: { code: 'bad_response', service: 'GitLab' } },
      });
      expect(requests.map(({ path }) => path)).toEqual(['/records/r-1', '/records/elsewhere']);
    });

    it('calls a field by the name that n8n shows', async () => {
      const error = await failure(
        lookUp({ parameters: { operation: 'lookUpRecord', recordId: 'r-1', options: { waitSeconds: 90 } } }),
      );
      expect(error).toMatchObject({
        name: 'NodeOperationError',
        message: expect.stringMatching(/^Wait Seconds: /),
        description: expect.stringContaining('invalid_input'),
        context: { itemIndex: 0, data: { code: 'invalid_input', field: 'wait_seconds' } },
      });
      expect(requests).toEqual([]);
    });

    it('keeps our message even when it holds a word that n8n takes for a system error', async () => {
      const error = await failure(lookUp({ parameters: { operation: 'approvePermissions', recordId: 'r-1' } }));
      expect(error.message).toBe(
        'Operation: "approvePermissions" is not known to this version of the node. Choose one in the node.',
      );
    });

    it('says which credential is missing', async () => {
      const error = await failure(lookUp({ credentials: {} }));
      expect(error).toMatchObject({
        message: 'This operation needs a credential of type GitLab SOC API. Choose one in the node.',
        context: { data: { code: 'unauthenticated', credential: 'gitLabSocApi' } },
      });
    });

    it('tries again while nobody listens, and then says that no connection could be made', async () => {
      await server.close();
      const error = await failure(
        lookUp({ parameters: { operation: 'lookUpRecord', recordId: 'r-1', options: { waitSeconds: 1 } } }),
      );
      expect(error).toMatchObject({
        message: expect.stringMatching(/^GitLab is not available: no connection could be made/),
        context: { data: { code: 'unavailable', connection: 'refused' } },
      });
      // Much less than the wait without the option.
    }, 25_000);
  });

  it('stops at once when the execution is stopped, whatever the node does with errors', async () => {
    const stop = new AbortController();
    const silent = await listen(() => setTimeout(() => stop.abort(), 20));
    const error = await failure(
      lookUp({
        signal: stop.signal,
        onError: 'continueRegularOutput',
        credentials: { gitLabSocApi: { url: silent.url, accessToken: 'simulated-token' } },
      }),
    );
    await silent.close();
    expect(error).toMatchObject({ context: { data: { code: 'cancelled' } } });
  });
});

async function failure(given: Execution) {
  return run(given).then(
    () => {
      throw new Error('the node did not fail');
    },
    (error: Error & { description?: string; context: Record<string, unknown> }) => error,
  );
}

describe('what the node says about a list that is not whole', () => {
  const listThings = (output: { complete: boolean; next: string | null }): Operation => ({
    ...lookUpRecord,
    name: 'list_things',
    services: [],
    list: 'things',
    runsFor: undefined,
    input: z.object({
      limit: z.number().int().min(1).max(10).default(5).describe('Most'),
      cursor: z.string().optional().describe('Where to go on'),
    }),
    output: z.object({ things: z.array(z.number()), complete: z.boolean(), next: z.string().nullable() }),
    run: async () => ({ things: [1, 2], ...output }),
  });

  it.each([
    ['there is no next', null, /could not be read/, /Cursor/],
    ['the list goes in circles', 'again', /there are more.*Cursor/, /could not be read/],
  ])('when %s', async (_, next, says, saysNot) => {
    const hints: string[] = [];
    const { context } = execution({
      items: items('only'),
      parameters: { resource: 'logRecord', operation: 'listThings', returnAll: true },
    });
    Object.assign(context, { addExecutionHints: ({ message }: { message: string }) => hints.push(message) });
    const operation = listThings({ complete: false, next });
    await runItems(context, 'investigation', false, [operation]);
    expect(hints).toEqual([expect.stringMatching(says)]);
    expect(hints[0]).not.toMatch(saysNot);
  });
});

describe('a dry run', () => {
  const disable: Operation = {
    ...lookUpRecord,
    name: 'disable_thing',
    effect: 'destructive',
    services: [],
    runsFor: undefined,
    input: z.object({ dry_run: z.boolean().default(true).describe('Whether to change nothing') }),
    output: z.object({ dry_run: z.boolean() }),
    run: async (_ports, { dry_run }) => ({ dry_run: dry_run === true }),
  };

  it.each([
    [{}, [expect.stringMatching(/Nothing was changed.*Dry Run under Options/)]],
    [{ dryRun: false }, []],
  ])('with Options %j is called one, once for all items', async (options, expected) => {
    const hints: string[] = [];
    const { context } = execution({
      items: items('a', 'b', 'c'),
      parameters: { resource: 'logRecord', operation: 'disableThing', options },
    });
    Object.assign(context, { addExecutionHints: ({ message }: { message: string }) => hints.push(message) });
    await runItems(context, 'investigation', false, [disable]);
    expect(hints).toEqual(expected);
  });
});

describe('rows of a query that is still running', () => {
  const query: Operation = {
    ...lookUpRecord,
    name: 'run_query',
    services: [],
    list: 'rows',
    runsFor: undefined,
    echoOnError: [],
    input: z.object({ wait_seconds: z.number().default(1).describe('Seconds') }),
    output: z.object({ rows: z.array(z.unknown()), status: z.string(), query_id: z.string(), complete: z.boolean() }),
    run: async () => ({ rows: [], status: 'running', query_id: 'q-1', complete: false }),
  };
  const runQuery = (splitIntoItems: boolean, onError?: 'continueRegularOutput') =>
    runItems(
      execution({
        items: items('a'),
        parameters: { resource: 'logRecord', operation: 'runQuery', options: { splitIntoItems } },
        onError,
      }).context,
      'investigation',
      onError !== undefined,
      [query],
    );

  it('are no empty list of items, which would look like nothing found', async () => {
    await expect(runQuery(true)).rejects.toThrow(/still running/);
    const [item] = await runQuery(true, 'continueRegularOutput');
    expect(item).toMatchObject({
      json: { error: { code: 'timeout', details: { query_id: 'q-1' } } },
      pairedItem: { item: 0 },
    });
  });

  it('are a result as long as nothing is split', async () => {
    expect(await runQuery(false)).toMatchObject([{ json: { status: 'running', query_id: 'q-1' } }]);
  });
});
