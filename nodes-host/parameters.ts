import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { camelCase, type NodeToolset, nodeToolset, type Operation } from '../operations/operation';
import { operations } from '../operations/registry';
import { fieldParameter } from './field-parameter';
import { type Place, placeOfField } from './field-places';
import { type Field, fieldsOf } from './fields';
import { locatorOf } from './locators';
import { hasResultModes, resultModeParameters } from './result-modes';
import { rowFileParameters } from './row-files';
import { firstSentence, inShownNames, resourceValue } from './wording';

/** The parameter that asks for one output item for each record. */
export const splitParameter = 'splitIntoItems';

/** The parameter that asks for a list to its end. */
export const returnAllParameter = 'returnAll';

/** The operations of one node. */
export function operationsOf(node: NodeToolset, from: readonly Operation[] = operations): Operation[] {
  return from.filter((operation) => nodeToolset(operation.toolset) === node);
}

/**
 * The parameters of a node, derived from its operations: Resource, Operation, the required fields of each operation,
 * how many records a list is to give, and its optional fields in the collections Filters and Options, where an entry that
 * nobody added stays absent.
 */
export function parametersOf(node: NodeToolset, from: readonly Operation[] = operations): INodeProperties[] {
  const own = operationsOf(node, from);
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
    ...own.flatMap((operation) => inputParameters(operation, from)),
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

function inputParameters(operation: Operation, from: readonly Operation[]): INodeProperties[] {
  const show = { resource: [resourceValue(operation.resource)], operation: [camelCase(operation.name)] };
  const displayOptions = { show };
  const asDefined = fieldsOf(operation);
  const fields = asDefined.map((field) => ({ ...field, description: inShownNames(field.description, asDefined) }));
  const parameter = (field: Field) => fieldParameter(field, locatorOf(operation.toolset, field, from));
  const at = (place: Place) => fields.filter((field) => placeOfField(operation, field) === place);

  const filters = at('filters').map(parameter);
  const limit = at('limit').map(parameter);
  const options = [
    ...at('options').map(parameter),
    ...(operation.list === undefined ? [] : [splitIntoItems(operation)]),
    ...(hasResultModes(operation) ? resultModeParameters(operation) : []),
    ...(operation.stream === undefined ? [] : rowFileParameters()),
  ];
  const required = at('top').filter((field) => field.required);
  const named = at('top').filter((field) => !field.required);
  const result: INodeProperties[] = required.map((field) => ({ ...parameter(field), required: true, displayOptions }));
  if (filters.length === 0 && limit.length === 0 && named.length === 0)
    return [...result, ...collection('Options', options, show)];
  return [
    ...result,
    ...named.map((field) => ({ ...parameter(field), displayOptions: { show: { ...show, ...grouped } } })),
    ...(limit.length === 0 ? [] : howMany(limit, { ...show, ...grouped })),
    ...collection('Filters', filters, { ...show, ...grouped }),
    ...collection('Options', options, { ...show, ...grouped }),
    ...collection('Options', [...named.map(parameter), ...options, ...filters, ...limit], { ...show, ...flat }),
  ];
}

/**
 * Version 1 of the nodes has everything optional in Options. n8n drops a stored value that its version of the node has no
 * place for, without a word, and a list would lose its filters; so the places of version 1 stay as they were.
 */
const flat = { '@version': [{ _cnd: { lt: 1.1 } }] };
const grouped = { '@version': [{ _cnd: { gte: 1.1 } }] };

type Show = NonNullable<INodeProperties['displayOptions']>['show'];

function collection(displayName: 'Filters' | 'Options', entries: INodeProperties[], show: Show): INodeProperties[] {
  if (entries.length === 0) return [];
  return [
    {
      displayName,
      name: displayName.toLowerCase(),
      type: 'collection',
      placeholder: displayName === 'Filters' ? 'Add filter' : 'Add option',
      default: {},
      displayOptions: { show },
      options: [...entries].sort((one, other) => one.displayName.localeCompare(other.displayName)),
    },
  ];
}

/** Return All, and Limit while it is off, as n8n's own nodes have them. The limit's bounds and default are the operation's. */
function howMany(limit: INodeProperties[], show: Show): INodeProperties[] {
  return [
    {
      displayName: 'Return All',
      name: returnAllParameter,
      type: 'boolean',
      default: false,
      description: 'Whether to return all results or only up to a given limit',
      displayOptions: { show },
    },
    ...limit.map((parameter) => ({
      ...parameter,
      description: 'Max number of results to return',
      displayOptions: { show: { ...show, [returnAllParameter]: [false] } },
    })),
  ];
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
