import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { camelCase } from '../operations/operation';
import type { Field } from './fields';
import type { Locator } from './locators';
import { switchDescription, titleCase, withoutFinalStop } from './wording';

/** Text that may be longer than this gets an area of several lines. */
const longText = 4000;

/** One field as an n8n parameter. Every kind also takes an expression that gives the value in its JSON form. */
export function fieldParameter(field: Field, locator: Locator | undefined): INodeProperties {
  const { kind, displayName, parameter: name } = field;
  const description = withoutFinalStop(field.description);
  if (locator !== undefined) return locatorParameter(field, locator, description);
  switch (kind.kind) {
    case 'text': {
      const text: INodeProperties = { displayName, name, type: 'string', default: asText(field.default), description };
      // What the editor keeps as text is evaluated by sqlText, once; see there.
      if (isSql(field)) return { ...text, typeOptions: { editor: 'sqlEditor', sqlDialect: 'StandardSQL', rows: 8 } };
      return (kind.maxLength ?? 0) > longText ? { ...text, typeOptions: { rows: 4 } } : text;
    }
    case 'number':
      return {
        displayName,
        name,
        type: 'number',
        typeOptions: {
          ...(kind.min === undefined ? {} : { minValue: kind.min }),
          ...(kind.max === undefined ? {} : { maxValue: kind.max }),
          ...(kind.whole ? { numberPrecision: 0 } : {}),
        },
        default: typeof field.default === 'number' ? field.default : Math.max(0, kind.min ?? 0),
        description,
      };
    case 'switch':
      return {
        displayName,
        name,
        type: 'boolean',
        default: field.default === true,
        description: switchDescription(field.description),
      };
    case 'choice':
      return {
        displayName,
        name,
        type: 'options',
        options: choiceOptions(kind.values),
        default: typeof field.default === 'string' ? field.default : (kind.values[0] ?? ''),
        description,
      };
    case 'choices':
      return {
        displayName,
        name,
        type: 'multiOptions',
        options: choiceOptions(kind.values),
        default: Array.isArray(field.default) ? (field.default as string[]) : [],
        description,
      };
    case 'list': {
      const how = kind.between === 'lines' ? 'Write one a line' : 'Separate several with commas';
      const stop = description === '' || description.endsWith('.') ? '' : '.';
      return {
        displayName,
        name,
        type: 'string',
        ...(kind.between === 'lines' ? { typeOptions: { rows: 4 } } : {}),
        default: Array.isArray(field.default) ? field.default.join(kind.between === 'lines' ? '\n' : ', ') : '',
        description: `${description}${stop} ${how}, or give a list by expression.`.trim(),
      };
    }
    case 'json':
      return {
        displayName,
        name,
        type: 'json',
        default: field.default === undefined ? '' : JSON.stringify(field.default, null, 2),
        description,
      };
  }
}

/** Whether a field holds SQL that a person writes. */
export function isSql(field: Field): boolean {
  return field.name === 'sql' && field.kind.kind === 'text';
}

function locatorParameter(field: Field, locator: Locator, description: string): INodeProperties {
  return {
    displayName: locator.displayName ?? field.displayName,
    name: field.parameter,
    type: 'resourceLocator',
    ...(locator.within === undefined
      ? {}
      : { typeOptions: { loadOptionsDependsOn: [`${camelCase(locator.within.field)}.value`] } }),
    default: { mode: 'list', value: asText(field.default) },
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: 'Choose…',
        typeOptions: { searchListMethod: locator.search, searchable: true },
      },
      ...locator.byHand,
    ],
    description,
  };
}

/** Five and more are sorted, as n8n's rules ask; fewer keep their own order, which often means something. */
function choiceOptions(values: readonly string[]): INodePropertyOptions[] {
  const options = values.map((value) => ({ name: titleCase(value), value }));
  return options.length < 5 ? options : options.sort((a, b) => a.name.localeCompare(b.name));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
