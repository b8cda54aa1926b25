import type { ServiceResponse } from '../service';
import { hasEdition, hasRole } from './access';
import { ApiError } from './answers';
import type { Json } from './entities';
import type { RequestContext } from './request-context';
import { vulnerabilitiesOf } from './vulnerabilities';

const MAX_NODES = 100;

/**
 * `/api/graphql`, as far as vulnerabilities go. Whatever goes wrong comes with status 200 and `errors`. A project that is
 * missing or hidden is null; one whose edition or role does not give vulnerabilities has an empty list of them, which
 * looks like having none; the edition without any paid code does not know the field.
 */
export function answerGraphql(c: RequestContext): ServiceResponse {
  if (c.request.method !== 'POST') return { status: 404, body: { error: '404 Not Found' } };
  let given: { query?: unknown; variables?: Record<string, unknown> };
  try {
    given = JSON.parse(c.request.body.toString('utf8')) as typeof given;
  } catch {
    return { status: 400, body: { errors: [{ message: 'Unexpected end of document' }] } };
  }
  const query = typeof given.query === 'string' ? given.query : '';
  if (!query.includes('vulnerabilities(')) return problem('Unexpected end of document');
  if (c.olderServer) {
    return problem("Field 'vulnerabilities' doesn't exist on type 'Project'", {
      code: 'undefinedField',
      typeName: 'Project',
      fieldName: 'vulnerabilities',
    });
  }
  return { status: 200, body: { data: { project: project(c, given.variables ?? {}) } } };
}

function project(c: RequestContext, variables: Record<string, unknown>): Json | null {
  const found = c.world.projects.find(({ path, hidden }) => path === variables.fullPath && !hidden);
  if (!found) return null;
  const mayRead = hasEdition(c, 'ultimate') && hasRole(c, 'developer');
  const wanted = (name: string, value: unknown) => {
    const list = variables[name];
    return !Array.isArray(list) || list.length === 0 || list.includes(value);
  };
  const all = (mayRead ? vulnerabilitiesOf(found, c.world.now, c.base) : []).filter(
    (entry) =>
      wanted('severity', entry.severity) && wanted('state', entry.state) && wanted('reportType', entry.reportType),
  );
  const from = variables.after ? Number(Buffer.from(String(variables.after), 'base64url').toString()) : 0;
  if (!Number.isInteger(from)) throw new ApiError(400, { errors: [{ message: 'Invalid cursor' }] });
  const size = Math.min(MAX_NODES, Number(variables.first ?? MAX_NODES));
  const nodes = all.slice(from, from + size);
  const hasNextPage = from + size < all.length;
  return {
    id: `gid://gitlab/Project/${found.id}`,
    fullPath: found.path,
    vulnerabilities: {
      nodes,
      pageInfo: {
        hasNextPage,
        endCursor: nodes.length > 0 ? Buffer.from(String(from + nodes.length)).toString('base64url') : null,
      },
    },
  };
}

function problem(message: string, extensions?: Json): ServiceResponse {
  return {
    status: 200,
    body: { errors: [{ message, locations: [{ line: 1, column: 1 }], ...(extensions && { extensions }) }] },
  };
}
