import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { camelCase, type Operation, type Toolset } from '../operations/operation';
import { operations } from '../operations/registry';
import { type Field, fieldsOf } from './fields';
import { firstSentence, inShownNames, resourceValue, switchDescription, titleCase, withoutFinalStop } from './wording';

/** The parameter that asks for one output item for each record. */
export const splitParameter = 'splitIntoItems';

/** Text that may be longer than this gets an area of several lines. */
const longText = 4000;

/** The operations of one node. */
export function operationsOf(toolset: Toolset, from: readonly Operation[] = operations): Operation[] {
  return from.filter((operation) => operation.toolset === toolset);
}

/**
 * The parameters of a node, derived from its operations: Resource, Operation, the required fields of each operation,
 * and its optional fields in a collection called Options, where an entry that nobody added stays absent.
 */
export function parametersOf(toolset: Toolset, from: readonly Operation[] = operations): INodeProperties[] {
  const own = operationsOf(toolset, from);
  // n8n ends its start on a Resource without options.
  if (own.length === 0) return [];
  const resources = [...new Set(own.map((operation) => operation.resource))].sort((a, b) => a.localeCompare(b));
  return [
    {
      displayName: 'Resource',
      name: 'resource',
      type: 'options',
      noDataExpression: true,
      options: resources.map((resource) => ({ name: resource, value: resourceValue(resource) })),
      default: resourceValue(resources[0] ?? ''),
    },
    ...resources.map((resource) => operationParameter(own.filter((operation) => operation.resource === resource))),
    ...own.flatMap(inputParameters),
  ];
}

function operationParameter(operationsOfResource: Operation[]): INodeProperties {
  const options: INodePropertyOptions[] = operationsOfResource
    .map((operation) => ({
      name: operation.title,
      value: camelCase(operation.name),
      description: firstSentence(inShownNames(operation.description, fieldsOf(operation))),
      action: operation.action,
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
  return {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resourceValue(operationsOfResource[0]?.resource ?? '')] } },
    options,
    default: options[0]?.value ?? '',
  };
}

function inputParameters(operation: Operation): INodeProperties[] {
  const displayOptions = {
    show: { resource: [resourceValue(operation.resource)], operation: [camelCase(operation.name)] },
  };
  const asDefined = fieldsOf(operation);
  const fields = asDefined.map((field) => ({ ...field, description: inShownNames(field.description, asDefined) }));
  const optional = fields.filter((field) => !field.required).map(fieldParameter);
  if (operation.list !== undefined) optional.push(splitIntoItems(operation));
  const result: INodeProperties[] = fields
    .filter((field) => field.required)
    .map((field) => ({ ...fieldParameter(field), required: true, displayOptions }));
  if (optional.length > 0) {
    result.push({
      displayName: 'Options',
      name: 'options',
      type: 'collection',
      placeholder: 'Add option',
      default: {},
      displayOptions,
      options: optional.sort((a, b) => a.displayName.localeCompare(b.displayName)),
    });
  }
  return result;
}

function splitIntoItems(operation: Operation): INodeProperties {
  return {
    displayName: 'Split Into Items',
    name: splitParameter,
    type: 'boolean',
    default: false,
    description: `Whether to output one item per record of ${operation.list} instead of the whole result in one item. What is not in the list, such as whether it is complete, is left out then`,
  };
}

/** One field as an n8n parameter. Every kind also takes an expression that gives the value in its JSON form. */
function fieldParameter(field: Field): INodeProperties {
  const { kind, displayName, parameter: name } = field;
  const description = withoutFinalStop(field.description);
  switch (kind.kind) {
    case 'text': {
      const text: INodeProperties = { displayName, name, type: 'string', default: asText(field.default), description };
      // A plain text area, not the SQL editor: that one evaluates expressions a second time, inside the text.
      if (field.name === 'sql') return { ...text, typeOptions: { rows: 8 } };
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

/** Five and more are sorted, as n8n's rules ask; fewer keep their own order, which often means something. */
function choiceOptions(values: readonly string[]): INodePropertyOptions[] {
  const options = values.map((value) => ({ name: titleCase(value), value }));
  return options.length < 5 ? options : options.sort((a, b) => a.name.localeCompare(b.name));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
