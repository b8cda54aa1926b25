import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { fieldParameter } from '../../../nodes-host/field-parameter';
import { fieldsOf, parameterName } from '../../../nodes-host/fields';
import { operationsOf, parametersOf } from '../../../nodes-host/parameters';
import { titleCase } from '../../../nodes-host/wording';
import { camelCase, type NodeToolset, type Operation } from '../../../operations/operation';
import { operations } from '../../../operations/registry';
import { echoFields, lookUpRecord, sampleOperations } from './sample-operations';

const shownFor = (all: INodeProperties[], operation: Operation) =>
  all.filter(({ displayOptions }) => displayOptions?.show?.operation?.includes(camelCase(operation.name)));

const optionsOf = (parameter: INodeProperties | undefined) => (parameter?.options ?? []) as INodeProperties[];

/** Whether a node of this version has the parameter. */
const isOf = (version: number, { displayOptions }: INodeProperties) =>
  ((displayOptions?.show?.['@version'] ?? []) as { _cnd: { lt?: number; gte?: number } }[]).every(
    ({ _cnd: { lt = Infinity, gte = 0 } }) => version < lt && version >= gte,
  );

describe('the parameters of an operation', () => {
  const all = parametersOf('investigation', sampleOperations);
  const options = optionsOf(shownFor(all, echoFields).find(({ name }) => name === 'options'));
  const option = (name: string) => options.find((entry) => entry.name === name);

  it('starts with a resource and an operation for each resource, neither by expression', () => {
    expect(all[0]).toMatchObject({ name: 'resource', noDataExpression: true, default: 'case' });
    expect(optionsOf(all[0]).map(({ name }) => name)).toEqual(['Case', 'Field', 'Log Record']);
    const choices = all.filter(({ name }) => name === 'operation');
    expect(choices.map(({ displayOptions }) => displayOptions?.show?.resource)).toEqual([
      ['case'],
      ['field'],
      ['logRecord'],
    ]);
    expect(choices[2]?.options).toEqual([
      { name: 'Get', value: 'lookUpRecord', action: 'Get a log record', description: 'Reads one record' },
    ]);
  });

  it('shows required fields at the top and the others as options', () => {
    const shown = shownFor(all, echoFields);
    expect(shown.map(({ name }) => name)).toEqual(['title', 'entities', 'opinion', 'options']);
    expect(shown[0]).toMatchObject({ displayName: 'Title', required: true, typeOptions: { rows: 4 } });
    expect(shown[1]).toMatchObject({ type: 'json', default: '' });
    expect(shown[3]).toMatchObject({ type: 'collection', default: {}, placeholder: 'Add option' });
  });

  it('chooses a type for every kind of field, with limits and defaults of the schema', () => {
    expect(option('awsArn')).toMatchObject({
      type: 'string',
      displayName: 'AWS ARN',
      description: 'An ARN. See Title.',
    });
    expect(option('count')).toMatchObject({ type: 'number', default: 0.5, typeOptions: { minValue: 0, maxValue: 1 } });
    expect(option('includeClosed')).toMatchObject({
      type: 'boolean',
      default: false,
      description: 'Whether to include closed ones; default false',
    });
    expect(option('userIds')).toMatchObject({ type: 'string', default: '' });
    expect(option('facts')).toMatchObject({ type: 'json', default: '' });
    expect(option('splitIntoItems')).toMatchObject({ type: 'boolean', default: false });
  });

  it('keeps the order of few choices and sorts many', () => {
    expect(option('severity')?.options).toEqual([
      { name: 'Low', value: 'LOW' },
      { name: 'Medium', value: 'MEDIUM' },
      { name: 'High', value: 'HIGH' },
    ]);
    expect(option('kinds')?.type).toBe('multiOptions');
    expect(((option('kinds')?.options ?? []) as INodePropertyOptions[]).map(({ value }) => value)).toEqual([
      'alpha',
      'beta',
      'mid_way',
      'omega',
      'zeta',
    ]);
  });

  it('keeps its own names apart from those of fields', () => {
    expect(option('operationInput')).toBeDefined();
    expect(option('operation')).toBeUndefined();
  });

  it('offers splitting only where there is a list', () => {
    const others = optionsOf(shownFor(all, lookUpRecord).find(({ name }) => name === 'options'));
    expect(others.map(({ name }) => name)).toEqual(['caseId', 'waitSeconds']);
  });

  it.each([
    ['lookback_hours', 'Lookback Hours'],
    ['sql', 'SQL'],
    ['needs_review', 'Needs Review'],
    ['CRITICAL', 'Critical'],
    ['point_of_contact', 'Point of Contact'],
    ['AUTODETECTTYPE', 'Detect Automatically'],
    ['p_any_aws_arns', 'AWS ARNs'],
    ['p_any_md5_hashes', 'MD5 Hashes'],
    ['XLARGE', 'Extra Large'],
  ])('writes %s as %s', (name, shown) => {
    expect(titleCase(name)).toBe(shown);
  });
});

describe.each(['panther', 'gitlab', 'slack', 'investigation'] as NodeToolset[])('the %s node', (toolset) => {
  const own = operationsOf(toolset, operations);
  const all = parametersOf(toolset);

  it('offers every operation of its toolset once, with an action and a short description', () => {
    const offered = all.filter(({ name }) => name === 'operation').flatMap(({ options }) => options ?? []);
    const values = (offered as INodePropertyOptions[]).map(({ value }) => value);
    expect([...values].sort()).toEqual(own.map(({ name }) => camelCase(name)).sort());
    expect(new Set(values).size).toBe(values.length);
    for (const { action, description, name } of offered as INodePropertyOptions[]) {
      expect(action).toMatch(/^[A-Z][^_`]*$/);
      expect(description).toMatch(/^[A-Z]/);
      expect(description).not.toMatch(/\.$/);
      expect(name).not.toMatch(/_/);
    }
  });

  it.each([1, 1.1])(
    'has one parameter for every input field in version %d, and never two of one name in one operation',
    (version) => {
      for (const operation of own) {
        const shown = shownFor(all, operation).filter((parameter) => isOf(version, parameter));
        const collections = shown.filter((parameter) => parameter.type === 'collection');
        expect(new Set(collections.map(({ name }) => name)).size).toBe(collections.length);
        const offered = [
          ...shown.filter((parameter) => parameter.type !== 'collection'),
          ...collections.flatMap(optionsOf),
        ].map(({ name }) => name);
        expect(new Set(offered).size).toBe(offered.length);
        const fields = Object.keys(operation.input.shape).map(parameterName);
        expect(offered).toEqual(expect.arrayContaining(fields));
        const ofTheNode = offered.filter((name) => !fields.includes(name));
        const known = ['splitIntoItems', 'returnAll', 'resultMode', 'resultFields'];
        if (operation.stream !== undefined) known.push('outputAs', 'fileMaxRows', 'filePartSize', 'fileWaitSeconds');
        expect(ofTheNode.filter((name) => !known.includes(name))).toEqual([]);
        expect(ofTheNode.includes('splitIntoItems')).toBe(operation.list !== undefined);
      }
    },
  );

  it('has every optional field of version 1 in Options, where workflows hold it', () => {
    for (const operation of own) {
      const shown = shownFor(all, operation).filter((parameter) => isOf(1, parameter));
      const optional = fieldsOf(operation).filter(({ required }) => !required);
      const kept = optionsOf(shown.find(({ name }) => name === 'options')).map(({ name }) => name);
      expect(kept).toEqual(expect.arrayContaining(optional.map(({ parameter }) => parameter)));
      expect(shown.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['filters']));
    }
  });

  it('describes every field, and begins switches with Whether', () => {
    for (const operation of own) {
      for (const field of fieldsOf(operation))
        expect([operation.name, field.name, field.description]).not.toContain('');
      const shown = shownFor(all, operation);
      for (const parameter of [...shown, ...shown.flatMap((entry) => optionsOf(entry))]) {
        if (parameter.type === 'boolean') expect(parameter.description).toMatch(/^Whether /);
        if (parameter.type === 'options') {
          const values = ((parameter.options ?? []) as INodePropertyOptions[]).map(({ value }) => value);
          expect(values).toContain(parameter.default);
        }
      }
    }
  });
});

it('a number that is added starts at a value that the operation takes', () => {
  for (const operation of operations) {
    const numbers = fieldsOf(operation).filter(({ kind }) => kind.kind === 'number');
    for (const field of numbers) {
      const { default: start } = fieldParameter(field, undefined);
      const accepted = operation.input.shape[field.name]?.safeParse(start).success;
      expect([operation.name, field.name, start, accepted]).toEqual([operation.name, field.name, start, true]);
    }
  }
});
