import type { ResolverContext } from './graphql-resolvers';

/** Panther AI: triage of an alert: the part of Panther's schema, as extensions of Query and Mutation. */
export const aiSdl = '';

export function aiFields(_context: ResolverContext): Record<string, unknown> {
  return {};
}
