import { BadResponseError, NotFoundOrNoAccessError } from '../errors';

/**
 * Runs a call that newer or older tenants may not have. Tenants differ in version and plan; one whose API does not know a
 * part of the call answers GRAPHQL_VALIDATION_FAILED, before anything runs. Throws NotFoundOrNoAccessError that names the
 * feature, with `feature` in its details; other errors pass.
 */
export async function whereOffered<T>(feature: string, field: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof BadResponseError) || error.details.graphql_code !== 'GRAPHQL_VALIDATION_FAILED') throw error;
    const missing = new NotFoundOrNoAccessError(
      'Panther',
      `${feature} on this tenant`,
      `Its API does not know ${field} as it is called here, so the tenant's version or plan does not offer it. Nothing was run.`,
    );
    Object.assign(missing.details, { feature, graphql_field: field });
    throw missing;
  }
}
