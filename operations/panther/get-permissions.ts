import { z } from 'zod';
import { BadResponseError, NotFoundOrNoAccessError, OperationError, UnavailableError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { addressForms, alternatives, type PantherEndpoints, readAddress } from './base-url';
import { PantherClient } from './client';
import { permissionTitle } from './permission-titles';
import { readOwnToken, type TokenRecord } from './token-record';

const output = z.object({
  token: z.object({
    id: z.string(),
    name: z.string().nullable(),
    created_at: z.string().nullable(),
    expires_at: z.string().nullable().describe('Null when it does not expire'),
    last_used_at: z.string().nullable(),
    allowed_networks: z.array(z.string()).describe('CIDR blocks the token works from; empty for any'),
  }),
  permissions: z.array(
    z.object({
      name: z.string().describe("Panther's name, as the token has it; new ones are passed on as they are"),
      title: z.string().nullable().describe('As the console shows it; null for a name that is not known here'),
    }),
  ),
  count: z.number().int(),
  address: z.object({
    form: z.enum(addressForms).describe('What the address of the credential was taken for'),
    api_url: z.string().describe('Where the REST API answered'),
    graphql_url: z.string(),
    graphql_answers: z.boolean().describe('False when only the REST API answered there'),
    advice: z.string().nullable().describe('What to change in the credential; null when nothing'),
  }),
  panther_version: z.string().nullable().describe('Null when the token may not see the general settings'),
});

export const getPermissions = defineOperation({
  name: 'get_permissions',
  toolset: 'panther',
  resource: 'Token',
  title: 'Get Permissions',
  action: 'Get the permissions of the token',
  description:
    "Checks the connection to Panther: which address its API answers at, and what the API token may do (its permissions by Panther's names), when it expires and from which networks it works. Needs no permission. Call it first when other Panther operations fail.",
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: [],
  runs: 'anywhere',
  input: z.object({}),
  output,
  example: {},
  varies: ['token.last_used_at'],
  list: 'permissions',
  async run(ports) {
    const { baseUrl } = await ports.connection('panther');
    const { form } = readAddress(baseUrl);
    const client = await PantherClient.connect(ports, new Deadline(ports, 30_000));
    const { found, token } = await probe(client);
    const { answers, version } = await askGraphql(client.at(found));
    const names = [...new Set(token.permissions.map((name) => cleanLine(name, 100)))].sort();
    return {
      token: {
        id: cleanLine(token.id, 100),
        name: textOrNull(token.name),
        created_at: textOrNull(token.createdAt),
        expires_at: textOrNull(token.expiresAt),
        last_used_at: textOrNull(token.lastUsedAt),
        allowed_networks: (token.allowedCIDRBlocks ?? []).map((block) => cleanLine(block, 60)),
      },
      permissions: names.map((name) => ({ name, title: permissionTitle(name) })),
      count: names.length,
      address: {
        form,
        api_url: found.rest,
        graphql_url: found.graphql,
        graphql_answers: answers,
        advice:
          found.rest === client.endpoints.rest ? null : `Put ${found.rest} into the credential: the API answers there.`,
      },
      panther_version: version,
    };
  },
});

/**
 * The address of this origin where Panther's API answers, and the token's record. An API that refuses the token has been
 * found all the same: its refusal is thrown. Only what is no API sends us on.
 */
async function probe(client: PantherClient): Promise<{ found: PantherEndpoints; token: TokenRecord }> {
  let failure: unknown;
  for (const found of [client.endpoints, ...alternatives(client.endpoints)]) {
    try {
      return { found, token: await readOwnToken(client.at(found)) };
    } catch (error) {
      if (!isNoApi(error)) throw error;
      client.ports.log.info('no API of Panther here', { address: found.rest });
      failure ??= error;
    }
  }
  throw failure;
}

/** Missing paths, pages of a web site, and a gateway's refusal of an unknown path are no answers of Panther's API. */
function isNoApi(error: unknown): boolean {
  if (error instanceof UnavailableError) return error.details.connection === undefined;
  return (
    error instanceof NotFoundOrNoAccessError ||
    error instanceof BadResponseError ||
    (error instanceof OperationError && error.code === 'missing_permission')
  );
}

const settingsAnswer = z.object({ generalSettings: z.object({ pantherVersion: z.string().nullish() }) });

/** Whether GraphQL answers, in any way that only GraphQL does, and the version when the token may see it. */
async function askGraphql(client: PantherClient): Promise<{ answers: boolean; version: string | null }> {
  try {
    const { data } = await client.read('query GetVersion { generalSettings { pantherVersion } }', {}, settingsAnswer, {
      permission: 'GeneralSettingsRead',
      what: 'to read its version',
    });
    return { answers: true, version: textOrNull(data.generalSettings.pantherVersion) };
  } catch (error) {
    if (!(error instanceof OperationError) || error.code === 'cancelled') throw error;
    return { answers: error.code === 'missing_permission' || error.details.graphql_code !== undefined, version: null };
  }
}

function textOrNull(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : cleanLine(text, 200);
}
