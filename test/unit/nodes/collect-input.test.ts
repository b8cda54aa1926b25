import fc from 'fast-check';
import { collectInput } from '../../../nodes-host/collect-input';
import { fieldsOf } from '../../../nodes-host/fields';
import { type Operation, parseInput } from '../../../operations/operation';
import { operations } from '../../../operations/registry';
import { echoFields, lookUpRecord } from './sample-operations';

const collect = (parameters: Record<string, unknown>) => collectInput(echoFields, (name) => parameters[name]);

describe('collecting the input of an item', () => {
  it('leaves out what is missing, null or empty, so that absence stays absence', () => {
    const { input } = collect({
      title: 'T',
      entities: [],
      options: { awsArn: '', severity: null, kinds: [], facts: '  ', userIds: undefined },
    });
    expect(input).toEqual({ title: 'T', entities: [] });
  });

  it.each([
    [{ __rl: true, mode: 'list', value: '' }],
    [{ __rl: true, mode: 'list', value: null }],
    [{ __rl: true, mode: 'list' }],
  ])('leaves out a locator in which nothing was chosen: %j', (detectionId) => {
    const listAlerts = operations.find(({ name }) => name === 'list_alerts') as Operation;
    const { input } = collectInput(listAlerts, (name) => (name === 'filters' ? { detectionId } : undefined));
    expect(input).toEqual({});
  });

  it('gives the snake_case names of the schema', () => {
    const { input } = collect({ title: 'T', options: { awsArn: 'arn:aws:iam::1:user/x', operationInput: 'o' } });
    expect(input).toEqual({ title: 'T', aws_arn: 'arn:aws:iam::1:user/x', operation: 'o' });
  });

  it.each([
    ['a list by expression', ['a,b', 'c'], ['a,b', 'c']],
    ['text between commas', 'a, b ,,c', ['a', 'b', 'c']],
    ['one entry a line', 'a\nb\n', ['a', 'b']],
    ['JSON text', '["a,b"]', ['a,b']],
    ['one number', 7, ['7']],
  ])('takes %s for a list', (_, value, expected) => {
    expect(collect({ options: { userIds: value } }).input.user_ids).toEqual(expected.map((entry) => String(entry)));
  });

  it('splits sentences at the end of lines only', () => {
    const { input } = collect({ options: { findings: 'Keys were made, then used.\n\nFrom a new address.' } });
    expect(input.findings).toEqual(['Keys were made, then used.', 'From a new address.']);
  });

  it('takes numbers, switches and JSON given as text', () => {
    const { input } = collect({
      entities: '[{"type":"ip","value":"192.0.2.1"}]',
      options: { count: '0.25', includeClosed: 'true', ports: '80, 443', facts: '{"a":1}', kinds: 'alpha,beta' },
    });
    expect(input).toEqual({
      entities: [{ type: 'ip', value: '192.0.2.1' }],
      count: 0.25,
      include_closed: true,
      ports: [80, 443],
      facts: { a: 1 },
      kinds: ['alpha', 'beta'],
    });
  });

  it('takes JSON values as they are when an expression gives them', () => {
    const facts = { nested: [1, { two: null }] };
    expect(collect({ options: { facts } }).input.facts).toBe(facts);
  });

  it.each([
    ['{"scrutiny":"raise"}', { scrutiny: 'raise' }],
    ['I cannot tell.', 'I cannot tell.'],
    [{ scrutiny: 'none' }, { scrutiny: 'none' }],
  ])('takes %j for a field that takes anything', (opinion, expected) => {
    expect(collect({ opinion }).input).toEqual({ opinion: expected });
  });

  it('refuses broken JSON and names the field', () => {
    expect(() => collect({ entities: '[{"type":' })).toThrow(
      expect.objectContaining({ code: 'invalid_input', field: 'entities' }),
    );
  });

  it('passes on what it cannot convert, for the schema to refuse by name', () => {
    const { input } = collect({ title: 'T', entities: [], options: { count: 'many' } });
    expect(() => parseInput(echoFields, input)).toThrow(expect.objectContaining({ field: 'count' }));
  });

  it('asks for splitting only where there is a list', () => {
    const options = { splitIntoItems: true };
    expect(collect({ options }).splitIntoItems).toBe(true);
    expect(collectInput(lookUpRecord, (name) => ({ options })[name as 'options']).splitIntoItems).toBe(false);
  });

  it('reads back any input that n8n can hold', () => {
    const text = fc.string({ minLength: 1 }).filter((value) => value.trim() !== '');
    const input = fc.record(
      {
        title: text,
        entities: fc.array(fc.record({ type: text, value: text })),
        count: fc.double({ min: 0, max: 1, noNaN: true }),
        include_closed: fc.boolean(),
        severity: fc.constantFrom('LOW', 'MEDIUM', 'HIGH'),
        user_ids: fc.array(text),
        facts: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['title', 'entities'] },
    );
    fc.assert(
      fc.property(input, (given) => {
        expect(collect(asParameters(given)).input).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(operations.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  it('reads its example back from parameters', () => {
    const example = operation.example as Record<string, unknown>;
    const parameters: Record<string, unknown> = { options: {} };
    for (const field of fieldsOf(operation)) {
      if (!(field.name in example)) continue;
      const target = field.required ? parameters : (parameters.options as Record<string, unknown>);
      target[field.parameter] = example[field.name];
    }
    expect(collectInput(operation, (name) => parameters[name]).input).toEqual(example);
  });
});

function asParameters(input: Record<string, unknown>): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const parameters: Record<string, unknown> = { options };
  for (const field of fieldsOf(echoFields)) {
    if (!(field.name in input)) continue;
    (field.required ? parameters : options)[field.parameter] = input[field.name];
  }
  return parameters;
}
