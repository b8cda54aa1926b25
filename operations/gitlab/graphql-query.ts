import { z } from 'zod';
import { BadResponseError, OperationError } from '../errors';
import { parseJson } from '../service-call';
import { cleanLine } from '../text';
import type { GitLab } from './client';
import { gitLabError } from './gitlab-error';
import { postToGitLab } from './post';
import { wireField } from './wire-types';

const answerSchema = z.object({
  data: z.unknown(),
  errors: wireField.list(
    z.object({ message: wireField.text, extensions: wireField.optional(z.object({ code: wireField.text })) }),
  ),
});

/** The instance does not know a field that was asked for: an edition or a version without it. */
export class UnknownFieldError extends OperationError {
  constructor(what: string) {
    super('not_found_or_no_access', `This GitLab does not know ${what}: its edition or version has none.`, {
      status: 404,
    });
  }
}

/**
 * The `data` of one GraphQL query, which changes nothing and so may be repeated. GraphQL answers 200 whatever goes
 * wrong; an error without data becomes BadResponseError, or UnknownFieldError by its code.
 */
export async function queryGraphql(
  gitlab: GitLab,
  query: string,
  variables: Record<string, unknown>,
  what: string,
): Promise<unknown> {
  const response = await postToGitLab(gitlab, {
    url: `${gitlab.connection.baseUrl}/api/graphql`,
    body: { query, variables },
    safeToRepeat: true,
  });
  if (response.status < 200 || response.status > 299) throw gitLabError(response, { what, byPath: false });
  const answer = answerSchema.safeParse(parseJson('gitlab', response));
  if (!answer.success) throw new BadResponseError('GitLab', `it is not a GraphQL result for ${what}`);
  const { data, errors } = answer.data;
  if (data !== undefined && data !== null && errors.length === 0) return data;
  if (errors.some(({ extensions }) => extensions?.code === 'undefinedField')) throw new UnknownFieldError(what);
  throw new BadResponseError('GitLab', `${what}: ${cleanLine(errors[0]?.message ?? 'no data', 200)}`);
}
