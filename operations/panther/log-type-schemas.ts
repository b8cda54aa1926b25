import { z } from 'zod';
import { type Collected, collectPages } from '../paging';
import type { PantherClient, Purpose } from './client';
import { whereOffered } from './tenant-feature';

const facts = 'name description isArchived isManaged revision referenceURL updatedAt';

const listSchemas = /* GraphQL */ `
  query ListSchemas($input: SchemasInput!) {
    schemas(input: $input) {
      edges { node { ${facts} } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const getSchemas = /* GraphQL */ `
  query GetSchema($input: SchemasInput!) {
    schemas(input: $input) {
      edges { node { ${facts} createdAt isFieldDiscoveryEnabled spec } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const schemaFacts = z.object({
  name: z.string(),
  description: z.string().nullish(),
  isArchived: z.boolean(),
  isManaged: z.boolean(),
  revision: z.number(),
  referenceURL: z.string().nullish(),
  updatedAt: z.string().nullish(),
});
export type SchemaFacts = z.infer<typeof schemaFacts>;

const wholeSchema = schemaFacts.extend({
  createdAt: z.string().nullish(),
  isFieldDiscoveryEnabled: z.boolean().nullish(),
  spec: z.string(),
});
export type WholeSchema = z.infer<typeof wholeSchema>;

const answerOf = <T extends z.ZodTypeAny>(node: T) =>
  z.object({
    schemas: z.object({
      edges: z.array(z.object({ node })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
    }),
  });

const toList: Purpose = { permission: 'LogSourceRead', what: 'to read log type schemas' };
/** Panther itself has a few hundred log types. */
const mostSchemas = 5_000;

export interface SchemaFilter {
  isArchived?: boolean;
  isInUse?: boolean;
  isManaged?: boolean;
}

/**
 * The tenant's schemas without their specs, by Panther's own flags. Panther gives one page and a cursor that leads nowhere;
 * should that change, the cursor is followed. Its `contains` is not used: it also matches field names, and whether it
 * minds case is not documented.
 */
export function readSchemas(client: PantherClient, filter: SchemaFilter): Promise<Collected<SchemaFacts>> {
  return collectPages(mostSchemas, async (cursor) => {
    const { schemas } = await read(client, listSchemas, { ...filter, cursor }, answerOf(schemaFacts));
    const { hasNextPage, endCursor } = schemas.pageInfo;
    return { items: schemas.edges.map(({ node }) => node), next: hasNextPage ? (endCursor ?? undefined) : undefined };
  });
}

/** The schema of exactly this name with its spec; undefined when there is none. */
export async function readSchema(client: PantherClient, name: string): Promise<WholeSchema | undefined> {
  const { schemas } = await read(client, getSchemas, { contains: name }, answerOf(wholeSchema));
  return schemas.edges.map(({ node }) => node).find((schema) => schema.name === name);
}

async function read<T>(
  client: PantherClient,
  document: string,
  input: Record<string, unknown>,
  answer: z.ZodType<T, z.ZodTypeDef, unknown>,
): Promise<T> {
  const { data } = await whereOffered('log type schemas', 'schemas', () =>
    client.read(document, { input }, answer, toList),
  );
  return data;
}
