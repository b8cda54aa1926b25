import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { InvalidInputError } from '../operations/errors';
import { type Operation, runOperation, type Toolset } from '../operations/operation';
import { operations } from '../operations/registry';
import { type Locator, listing, locatorsIn } from './locators';
import { n8nPorts } from './n8n-ports';
import { errorShape, toNodeError } from './node-errors';

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
const searchFields = ['name_contains', 'title_contains', 'email_contains', 'search'];

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
    let next = paginationToken;
    for (let page = 0; page < mostPages; page += 1) {
      const output = await runOperation(operation, n8nPorts(context), inputOf(operation, filter, next));
      results.push(...entriesOf(output[operation.list ?? ''], locator, filter));
      next = typeof output.next === 'string' && output.next !== next ? output.next : undefined;
      if (results.length > 0 || next === undefined) break;
    }
    return { results, ...(next === undefined ? {} : { paginationToken: next }) };
  } catch (error) {
    throw toNodeError(context.getNode(), errorShape(error, operation), 0);
  }
}

function inputOf(operation: Operation, filter: string, cursor: string | undefined): Record<string, unknown> {
  const { shape } = operation.input;
  const searchField = searchFields.find((name) => name in shape);
  return {
    ...('limit' in shape ? { limit: pageSize } : {}),
    ...('cursor' in shape && cursor !== undefined ? { cursor } : {}),
    ...(searchField !== undefined && filter !== '' ? { [searchField]: filter } : {}),
  };
}

function entriesOf(records: unknown, locator: Locator, filter: string): INodeListSearchResult['results'] {
  if (!Array.isArray(records)) return [];
  const wanted = filter.toLowerCase();
  return records
    .map((record: unknown) => locator.entry((record ?? {}) as Record<string, unknown>))
    .filter((entry) => entry !== undefined)
    .filter(({ name, value }) => name.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted));
}
