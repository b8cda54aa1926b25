import fc from 'fast-check';
import { z } from 'zod';
import { OperationError } from '../../../operations/errors';
import { camelCase, defineOperation, parseInput, placeOf, runOperation } from '../../../operations/operation';
import { pantherOperations } from '../../../operations/panther';
import { slackOperations } from '../../../operations/slack';
import { fakeHost } from './fake-host';

const echo = (result: unknown, name = 'echo_number') =>
  defineOperation({
    name,
    toolset: 'investigation',
    resource: 'Number',
    title: 'Echo',
    action: 'Echo a number',
    description: 'Returns its input.',
    effect: 'read',
    idempotent: true,
    services: [],
    permissions: [],
    runs: 'anywhere',
    runsFor: ({ n }) => (n > 10 ? 'bridge' : 'anywhere'),
    input: z.object({ n: z.number().default(1), nested: z.object({ list: z.array(z.string()) }).optional() }),
    output: z.object({ n: z.number().max(100) }),
    example: { n: 2 },
    run: async (_ports, { n }) => (result ?? { n }) as { n: number },
  });
const host = () => fakeHost(() => ({}));

async function failure(promise: Promise<unknown>) {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof OperationError)) throw new Error('no typed failure');
  return error.toShape();
}

test('defaults apply, and undefined counts as no input', async () => {
  expect(await runOperation(echo(undefined), host(), undefined)).toEqual({ n: 1 });
  expect(await runOperation(echo(undefined), host(), { n: 7 })).toEqual({ n: 7 });
});

test('any unknown key is refused by its name, with what there is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), async (key) => {
      fc.pre(key !== 'n' && key !== 'nested');
      const input = JSON.parse(`{${JSON.stringify(key)}: 1}`) as object;
      const error = await failure(runOperation(echo(undefined), host(), input));
      expect(error).toMatchObject({ code: 'invalid_input', details: { field: key } });
      expect(error.message).toContain('echo_number takes n, nested');
    }),
  );
});

test('the first field at fault is named by its path', async () => {
  expect(await failure(runOperation(echo(undefined), host(), { nested: { list: ['a', 2] } }))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'nested.list.1' },
  });
  for (const input of [5, 'text', [], true])
    expect(await failure(runOperation(echo(undefined), host(), input))).toMatchObject({ code: 'invalid_input' });
});

test('a result that breaks its own schema is our bug, and is not passed on', async () => {
  for (const bad of [{ n: 101 }, { n: 'x' }, {}, null, 'text']) {
    const given = bad === null ? 'null' : bad;
    expect(await failure(runOperation(echo(given), host(), {}))).toMatchObject({ code: 'bad_response' });
  }
  expect(await runOperation(echo({ n: 3, extra: 'field' }), host(), {})).toEqual({ n: 3 });
});

test('an aborted call does not run', async () => {
  const aborted = fakeHost(() => ({}), { signal: AbortSignal.abort() });
  expect(await failure(runOperation(echo(undefined), aborted, {}))).toMatchObject({ code: 'cancelled' });
});

test('where it runs may depend on the input', () => {
  const operation = echo(undefined);
  expect(placeOf(operation, parseInput(operation, { n: 3 }))).toBe('anywhere');
  expect(placeOf(operation, parseInput(operation, { n: 30 }))).toBe('bridge');
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
test('camel case tells different names apart', () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 5 }),
      fc.array(word, { minLength: 1, maxLength: 5 }),
      (one, other) => {
        const [a, b] = [one.join('_'), other.join('_')];
        expect(camelCase(a)).toMatch(/^[a-z][a-zA-Z0-9]*$/);
        expect(camelCase(a).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).toBe(a);
        if (a !== b) expect(camelCase(a)).not.toBe(camelCase(b));
      },
    ),
  );
  expect(camelCase('execute_sql_query')).toBe('executeSqlQuery');
});

test.each(['Execute', 'a b', '1st', 'ab', 'x'.repeat(41), 'a-b', '_ab', 'ab_', 'a__b'])(
  'the name %s is refused at load',
  (name) => {
    expect(() => echo(undefined, name)).toThrow(/snake_case/);
  },
);

describe.each([...pantherOperations, ...slackOperations].map((operation) => [operation.name, operation] as const))(
  '%s',
  (_name, operation) => {
    test('has a valid example, described fields and keys in snake_case', () => {
      expect(parseInput(operation, operation.example)).toBeDefined();
      for (const [key, field] of Object.entries(operation.input.shape)) {
        expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(field.description ?? '').not.toBe('');
      }
      for (const key of Object.keys(operation.output.shape)) expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
      for (const key of operation.echoOnError ?? []) expect(Object.keys(operation.input.shape)).toContain(key);
      for (const path of operation.varies ?? [])
        expect(Object.keys(operation.output.shape)).toContain(path.split('.')[0]);
      if (operation.list !== undefined) expect(Object.keys(operation.output.shape)).toContain(operation.list);
      expect(operation.description).toMatch(/\.$/);
    });
  },
);
