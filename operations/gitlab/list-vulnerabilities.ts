import { z } from 'zod';
import { OperationError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { isNumericId, projectPath } from './address';
import { attempt } from './approvals';
import { availabilityFields, available, explainRefusal, type Unavailable, unreadable } from './availability';
import { GitLab } from './client';
import { queryGraphql } from './graphql-query';
import { chooseProject, projectInput } from './scope';
import { readStanding } from './token-standing';
import {
  severities,
  shapeVulnerability,
  vulnerabilityFields,
  vulnerabilitySchema,
  vulnerabilityStates,
  wireVulnerability,
} from './vulnerability-shape';
import { readWire, wireField } from './wire-types';

const totalMs = 60_000;

const input = z.object({
  project: projectInput
    .optional()
    .describe('Project: path with namespace (group/sub/project) or numeric id. Default: the one set on the connection'),
  severities: z.array(z.enum(severities)).max(6).optional().describe('Only these. Default: all'),
  states: z
    .array(z.enum(vulnerabilityStates))
    .max(4)
    .default(['detected', 'confirmed'])
    .describe('Only in these states. Default: detected and confirmed'),
  report_types: z
    .array(
      z.enum([
        'sast',
        'dependency_scanning',
        'container_scanning',
        'secret_detection',
        'dast',
        'api_fuzzing',
        'coverage_fuzzing',
        'cluster_image_scanning',
        'generic',
      ]),
    )
    .max(9)
    .optional()
    .describe('Only found by these kinds of scan. Default: all'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .describe('Most vulnerabilities of one page, 1 to 100. Default: 50'),
  cursor: z
    .string()
    .max(500)
    .regex(/^[A-Za-z0-9_\-+/=]*$/, 'is not one that this operation gave')
    .optional()
    .describe('`next` of the page before; with the same other input'),
});

const output = z.object({
  ...availabilityFields,
  project: z.string().describe('Path with namespace'),
  vulnerabilities: z.array(vulnerabilitySchema).describe('Of the default branch, newest first by detected_at'),
  count: z.number().int(),
  complete: z.boolean().describe('False when there are more, or nothing could be read'),
  next: z.string().nullable().describe('Pass it as `cursor` for more; null when there are none'),
});

const query = `query Vulnerabilities($fullPath: ID!, $first: Int!, $after: String, $severity: [VulnerabilitySeverity!], $state: [VulnerabilityState!], $reportType: [VulnerabilityReportType!]) {
  project(fullPath: $fullPath) {
    fullPath
    vulnerabilities(first: $first, after: $after, severity: $severity, state: $state, reportType: $reportType, sort: detected_desc) {
      nodes { ${vulnerabilityFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const wireAnswer = z.object({
  project: z
    .object({
      vulnerabilities: z
        .object({
          nodes: wireField.list(wireVulnerability),
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: wireField.text }),
        })
        .nullable(),
    })
    .nullable(),
});
const wireProject = z.object({ id: wireField.id, path_with_namespace: z.string() });
/** Versions differ in whether they still have the REST list. */
const unconfirmed: Unavailable = {
  availability: 'not_found',
  availability_reason:
    'GitLab gave no vulnerabilities and did not confirm that the token may see any: there are none, or the edition (Ultimate) or the role (Developer) is missing.',
};
const need = { what: 'Vulnerabilities', role: 'Developer', edition: 'Ultimate' } as const;

export const listVulnerabilities = defineOperation({
  name: 'list_vulnerabilities',
  toolset: 'gitlab',
  resource: 'Vulnerability',
  title: 'Get Many',
  action: 'Get many vulnerabilities',
  description:
    'Lists the vulnerabilities that scanners found on the default branch of a GitLab project, newest first: severity, state, scanner, identifiers and place. Default: those detected or confirmed, at most `limit` a page (default 50, max 100). GitLab Ultimate; says so when the edition or the token does not give them, because GitLab itself then shows an empty list.',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { project: 'simulated-corp/platform/payments-api', limit: 5 },
  echoOnError: ['project'],
  list: 'vulnerabilities',
  async run(ports, given) {
    const gitlab = await GitLab.open(ports, totalMs);
    const chosen = chooseProject(gitlab.connection, given.project);
    const path = projectPath(chosen);
    const none = (why: Unavailable, project = chosen) => ({
      ...why,
      project: cleanLine(project, 1000),
      vulnerabilities: [],
      count: 0,
      complete: false,
      next: null,
    });
    // GraphQL knows a project by its path of today only.
    const itself = await attempt(async () =>
      readWire(wireProject, await gitlab.get(path, {}, `project ${chosen}`), `project ${chosen}`),
    );
    if (itself instanceof OperationError) return none(unreadable(itself));
    const fullPath = isNumericId(chosen) || itself.path_with_namespace !== chosen ? itself.path_with_namespace : chosen;
    const upper = (values: readonly string[] | undefined) => values?.map((value) => value.toUpperCase());
    const variables = {
      fullPath,
      first: given.limit,
      after: given.cursor?.trim() || null,
      severity: upper(given.severities),
      state: upper(given.states),
      reportType: upper(given.report_types),
    };
    const refused = async (error: OperationError) =>
      none(await explainRefusal(gitlab, error, need, await readStanding(gitlab, path)), fullPath);
    const answer = await attempt(async () =>
      readWire(wireAnswer, await queryGraphql(gitlab, query, variables, 'vulnerabilities'), 'the vulnerabilities'),
    );
    if (answer instanceof OperationError) return refused(answer);
    const found = answer.project?.vulnerabilities ?? null;
    const isFirstPage = variables.after === null;
    if (found === null || (isFirstPage && found.nodes.length === 0)) {
      const refusal = await readRefusal(gitlab, path);
      if (refusal?.details.status === 404) return none(unconfirmed, fullPath);
      if (refusal !== undefined) return refused(refusal);
    }
    const nodes = (found?.nodes ?? []).map(shapeVulnerability).filter((entry) => fits(entry, given));
    const next = found?.pageInfo.hasNextPage ? found.pageInfo.endCursor : null;
    return {
      ...available,
      project: cleanLine(fullPath, 1000),
      vulnerabilities: nodes,
      count: nodes.length,
      complete: next === null && found !== null,
      next,
    };
  },
});

/**
 * GraphQL shows an empty list to whoever may not see vulnerabilities, and where the licence has none. The REST list of
 * them, which is on its way out, still tells: undefined when it answers.
 */
async function readRefusal(gitlab: GitLab, path: string): Promise<OperationError | undefined> {
  const asked = await attempt(() => gitlab.get(`${path}/vulnerabilities`, { per_page: 1 }, 'the vulnerabilities'));
  return asked instanceof OperationError ? asked : undefined;
}

function fits(entry: z.output<typeof vulnerabilitySchema>, given: z.output<typeof input>): boolean {
  const among = (values: readonly string[] | undefined, value: string | null) =>
    values === undefined || values.length === 0 || (value !== null && values.includes(value));
  return (
    among(given.severities, entry.severity) &&
    among(given.states, entry.state) &&
    among(given.report_types, entry.report_type)
  );
}
