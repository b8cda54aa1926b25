import type { ResolverContext } from './graphql-resolvers';

/** Metrics and log sources: the part of Panther's schema, as extensions of Query and Mutation. */
export const observabilitySdl = '';

export function observabilityFields(_context: ResolverContext): Record<string, unknown> {
  return {};
}
