import type { ResolverContext } from './graphql-resolvers';

/** Log type schemas and the search for what an actor did: the part of Panther's schema, as extensions of Query and Mutation. */
export const searchSdl = '';

export function searchFields(_context: ResolverContext): Record<string, unknown> {
  return {};
}
