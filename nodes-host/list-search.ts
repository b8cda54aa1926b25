import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { InvalidInputError } from '../operations/errors';
import { camelCase, type Operation, runOperation, type Toolset } from '../operations/operation';
import { operations } from '../operations/registry';
import { fieldsOf } from './fields';
import { type Locator, listing, locatedValue, locatorsIn } from './locators';
import { n8nPorts } from './n8n-ports';
import { errorShape, toNodeError } from './node-errors';
import { onwards } from './return-all';

type ListSearch = (
  this: ILoadOptionsFunctions,
  filter?: string,
  paginationToken?: string,
) => Promise<INodeListSearchResult>;

/** Entries a page. n8n asks for the next page when the list is scrolled to its end. */
const pageSize = 50;
/** With a search text that the service cannot apply, pages may be empty; this many are read before the list goes out. */
const mostPages = 5;
/** Inputs that narrow a list by text, in the order of preference. */
const searchFields = ['name_contains', 'contains', 'search'];

/** The searches behind a node's resource locators: `methods.listSearch` of the node. */
export function listSearchOf(toolset: Toolset, from: readonly Operation[] = operations): Record<string, ListSearch> {
  return Object.fromEntries(
    locatorsIn(toolset, from).map((locator) => [
      locator.search,
      function search(this: ILoadOptionsFunctions, filter?: string, paginationToken?: string) {
        return runSearch(this, toolset, locator, from, filter?.trim() ?? '', paginationToken);
      },
    ]),
  );
}

/**
 * Runs the operation that lists, with the search text and the position where it takes them, and filters again here.
 * Throws NodeOperationError or NodeApiError with the operation's own message, which the list then shows.
 */
async function runSearch(
  context: ILoadOptionsFunctions,
  toolset: Toolset,
  locator: Locator,
  from: readonly Operation[],
  filter: string,
  paginationToken: string | undefined,
): Promise<INodeListSearchResult> {
  const operation = listing(locator, toolset, from);
  try {
    if (operation === undefined) throw new InvalidInputError('list', `there is no operation ${locator.lists}`);
    const results: INodeListSearchResult['results'] = [];
    let input: Record<string, unknown> | undefined = {
      ...locator.asks,
      ...inputOf(operation, locator, filter, paginationToken),
      ...(await chosenAround(context, locator)),
      ...kindChosen(context, locator, from),
    };
    for (let page = 0; page < mostPages && results.length === 0 && input !== undefined; page += 1) {
      const output: Record<string, unknown> = await runOperation(operation, n8nPorts(context), input);
      results.push(...entriesOf(output[operation.list ?? ''], locator, filter));
      const { next } = output;
      input = typeof next === 'string' && next !== input.cursor ? onwards(operation, input, output, next) : undefined;
    }
    return { results, ...(input === undefined ? {} : { paginationToken: positionText(input) }) };
  } catch (error) {
    throw toNodeError(context.getNode(), errorShape(error, operation), 0);
  }
}

/** Where a list goes on. n8n gives it back with the same search text; it comes from the browser, so the schema checks it. */
function positionText({ cursor, created_after, created_before }: Record<string, unknown>): string {
  return JSON.stringify({ cursor, created_after, created_before });
}

function inputOf(
  operation: Operation,
  locator: Locator,
  filter: string,
  position: string | undefined,
): Record<string, unknown> {
  const { shape } = operation.input;
  const searchField = locator.unsearchable?.test(filter) ? undefined : searchFields.find((name) => name in shape);
  return {
    ...('limit' in shape ? { limit: pageSize } : {}),
    ...(searchField !== undefined && filter !== '' ? { [searchField]: filter } : {}),
    ...parsePosition(position),
  };
}

/**
 * The kind that is chosen beside the list, when the node's operation asks for one: what it would refuse is not offered. n8n
 * keeps parameters of other operations, so a field of the same name that means something else is passed over.
 */
function kindChosen(
  context: ILoadOptionsFunctions,
  { narrowedBy }: Locator,
  from: readonly Operation[],
): Record<string, unknown> {
  if (narrowedBy === undefined) return {};
  const chosen = context.getCurrentNodeParameter('operation');
  const field = from
    .filter(({ name }) => camelCase(name) === chosen)
    .flatMap(fieldsOf)
    .find(({ name, required }) => required && name === narrowedBy.field);
  const kind = field === undefined ? undefined : context.getCurrentNodeParameter(field.parameter);
  const known = field?.kind.kind === 'choice' && field.kind.values.some((value) => value === kind);
  return known ? { [narrowedBy.filter]: [kind] } : {};
}

/**
 * What a list is of, as chosen in the node: at the top, or under Options in nodes of version 1. Throws InvalidInputError when
 * nothing is chosen and the connection has no default, because things of several places would look alike.
 */
async function chosenAround(context: ILoadOptionsFunctions, { within }: Locator): Promise<Record<string, unknown>> {
  if (within === undefined) return {};
  const { field, service } = within;
  for (const place of [field, `options.${field}`]) {
    const chosen = locatedValue(context.getCurrentNodeParameter(place), undefined);
    if (typeof chosen !== 'string' || chosen.trim() === '') continue;
    if (!chosen.startsWith('=')) return { [field]: chosen };
    throw new InvalidInputError(field, 'is an expression, so there is no list here; choose by number or by URL');
  }
  const fallback = (await n8nPorts(context).connection(service)).defaults[field] ?? '';
  if (fallback === '') throw new InvalidInputError(field, 'comes first: choose it, then open this list again');
  return { [field]: fallback };
}

function parsePosition(position: string | undefined): Record<string, unknown> {
  if (position === undefined || position === '') return {};
  try {
    const { cursor, created_after, created_before } = JSON.parse(position) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries({ cursor, created_after, created_before }).filter(([, value]) => value !== undefined),
    );
  } catch {
    throw new InvalidInputError('paginationToken', 'is not a position in this list; open the list again');
  }
}

function entriesOf(records: unknown, locator: Locator, filter: string): INodeListSearchResult['results'] {
  if (!Array.isArray(records)) return [];
  const wanted = filter.toLowerCase().split(/\s+/);
  return records
    .map((record: unknown) => locator.entry((record ?? {}) as Record<string, unknown>))
    .filter((entry) => entry !== undefined)
    .filter(({ name, value }) => {
      const texts = `${name}\n${value}`.toLowerCase();
      return wanted.every((word) => texts.includes(word));
    });
}
