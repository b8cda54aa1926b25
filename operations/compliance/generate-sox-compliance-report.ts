import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { groupInput, projectInput } from '../gitlab/scope';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { byteLength, makePackage, type PackageFile, sha256Of } from './evidence-package';
import { exceptionId } from './exceptions-file';
import { identityLogs } from './lake-sql';
import {
  brokenChain,
  controlOutcomeSchema,
  fileRecordSchema,
  type Manifest,
  type Parameters,
  packageIdPattern,
  statuses,
} from './manifest';
import { choosePeriod, periodNames } from './period';
import { readChanges } from './read-changes';
import { readLake } from './read-lake';
import { controlNames, exceptionClasses } from './rules/rule';
import { clockInput, ruleSettings, weekdays } from './settings';
import { summaryOf } from './summary';

const name = z.string().min(1).max(256);

const input = z.object({
  zone: z
    .string()
    .min(1)
    .max(64)
    .default('UTC')
    .describe('IANA time zone of the period and of business hours, e.g. Europe/Berlin. Default: UTC'),
  period: z
    .enum(periodNames)
    .default('previous_month')
    .describe('Which whole days of the zone; custom takes first_day and last_day. Default: previous_month'),
  first_day: z.string().max(10).optional().describe('First day, YYYY-MM-DD, for the period custom'),
  last_day: z
    .string()
    .max(10)
    .optional()
    .describe('Last day, included, YYYY-MM-DD, for the period custom; at most 92 days'),
  group: groupInput
    .optional()
    .describe('GitLab group with its subgroups whose changes are looked at. Default: the one set on the connection'),
  project: projectInput
    .optional()
    .describe('GitLab project, instead of a group. Default: the one set on the connection'),
  logs: z
    .array(z.enum(identityLogs))
    .min(1)
    .max(2)
    .default(['aws_cloudtrail'])
    .describe('Logs in scope. One that cannot be read makes the package incomplete. Default: aws_cloudtrail'),
  people_roles: z
    .array(name)
    .max(200)
    .default([])
    .describe('AWS roles that people assume, by name, besides those of IAM Identity Center. Default: none'),
  business_start: clockInput
    .default('08:00')
    .describe('First minute of business hours on the local clock, in quarters of an hour. Default: 08:00'),
  business_end: clockInput.default('18:00').describe('First minute after business hours. Default: 18:00'),
  weekend_days: z
    .array(z.enum(weekdays))
    .max(7)
    .default(['saturday', 'sunday'])
    .describe('Days on which nobody is expected to work. Default: saturday, sunday'),
  holidays: z
    .array(z.string().max(10))
    .max(400)
    .default([])
    .describe('Dates on which nobody is expected to work, YYYY-MM-DD. Default: none'),
  user_zones: z
    .record(z.string().max(64))
    .default({})
    .describe('IANA time zones of users whose clock is another one, by user name. Default: none'),
  service_identities: z
    .array(name)
    .max(1_000)
    .default([])
    .describe('IAM users that are programs, whose nights are no leads. Default: none'),
  on_call: z
    .array(z.object({ user: name, from: z.string().max(40), to: z.string().max(40) }))
    .max(2_000)
    .default([])
    .describe('Who was on call, and from when to when (ISO 8601): then work after hours is no lead. Default: nobody'),
  failed_sign_ins: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(5)
    .describe('Failed sign-ins of a user within an hour from which they are a lead, 2 to 10000. Default: 5'),
  denied_calls: z
    .number()
    .int()
    .min(2)
    .max(1_000_000)
    .default(50)
    .describe('Refused calls of a user within an hour from which they are a lead. Default: 50'),
  log_gap_hours: z
    .number()
    .int()
    .min(1)
    .max(744)
    .default(2)
    .describe('Whole hours in a row without an event of a log from which they are a gap, 1 to 744. Default: 2'),
  branches: z
    .array(name)
    .max(100)
    .default([])
    .describe("Branches besides each project's default one whose merge requests have to be approved. Default: none"),
  environments: z
    .array(name)
    .max(100)
    .default(['production'])
    .describe('Environments whose deployments have to come from a merge request, by full name. Default: production'),
  max_rows: z
    .number()
    .int()
    .min(1)
    .max(500_000)
    .default(100_000)
    .describe('Most rows of a population; more make the package incomplete, 1 to 500000. Default: 100000'),
  wait_seconds: z
    .number()
    .int()
    .min(10)
    .max(7_200)
    .default(540)
    .describe(
      'Seconds for reading the data lake and GitLab; what is not read by then makes the package incomplete, 10 to 7200. Default: 540',
    ),
  previous_package_id: z
    .string()
    .regex(packageIdPattern, 'is no id of a package')
    .optional()
    .describe('Package to chain this one to, with previous_manifest_sha256. Default: the last one that was made here'),
  previous_manifest_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex')
    .optional()
    .describe('SHA-256 of its manifest.json'),
  max_exceptions: z
    .number()
    .int()
    .min(0)
    .max(500)
    .default(50)
    .describe('Most exceptions and leads in this answer; the package has all of them. Default: 50'),
});

const output = z.object({
  package_id: z.string(),
  status: z.enum(statuses).describe('INCOMPLETE when anything was cut or could not be read'),
  reasons: z.array(z.string()).describe('Why it is incomplete'),
  summary: z.string().describe('The whole in a few lines, for a message'),
  period: z.object({
    zone: z.string(),
    first_day: z.string(),
    last_day: z.string(),
    days: z.number().int(),
    from: z.string(),
    to: z.string().describe('First instant after the period'),
  }),
  controls: z
    .array(controlOutcomeSchema)
    .describe('not_tested means that nothing is known; no_cases that there was nothing to look at'),
  exceptions: z
    .array(
      z.object({
        id: z.string(),
        control: z.enum(controlNames),
        class: z.enum(exceptionClasses).describe('exception: a control did not hold; lead: a reason to ask'),
        kind: z.string(),
        at: z.string(),
        subject: z.string(),
        statement: z.string(),
        population: z.string(),
        rows: z.number().int(),
        first_row_sha256: z.string().nullable(),
      }),
    )
    .describe('Exceptions first, then leads; texts are from logs'),
  exception_count: z.number().int(),
  lead_count: z.number().int(),
  left_out: z.number().int().describe('Exceptions and leads that are in the package and not in this answer'),
  populations: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      state: z.enum(['complete', 'partial', 'unread']),
      rows: z.number().int(),
      events: z.number().int(),
      expected_events: z.number().int().nullable(),
    }),
  ),
  files: z.array(fileRecordSchema).describe('All files of the package'),
  manifest_sha256: z.string().describe('Keep it somewhere else: whoever can write the package can write all of it'),
  previous_package_id: z.string().nullable(),
  chain: z.string().describe('What is known of the package before'),
  stored_in: z.string().nullable().describe('Where the files are; null when they were not kept'),
  how_to_get: z.string(),
});

export const generateSoxComplianceReport = defineOperation({
  name: 'generate_sox_compliance_report',
  toolset: 'compliance',
  resource: 'Compliance Report',
  title: 'Generate SOX Evidence',
  action: 'Generate a SOX evidence package',
  description:
    'Makes an evidence package for the testing of IT general controls over a period (default: the previous month): access (after hours, privileged, failed, root, second factor) from CloudTrail and Okta in the data lake, change control (segregation of duties, approval before the last change, direct pushes, changed settings, deployments) from GitLab, and gaps in the logs. The package holds every population in full as CSV, the exceptions with the rows they rest on, the queries, one HTML page, and a manifest of hashes chained to the package before. INCOMPLETE, with the reasons, when anything was cut or could not be read; what could not be read is not tested, never in order. It supports testing and says nothing of compliance. In n8n the files come as binary data; the bridge writes them to SOC_COMPLIANCE_DIR, and soc-bridge compliance write makes one too. This answer is a summary.',
  effect: 'write',
  idempotent: false,
  services: ['panther', 'gitlab'],
  permissions: ['DataAnalyticsRead', 'read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { zone: 'Europe/Berlin', period: 'previous_week', group: 'simulated-corp', max_exceptions: 5 },
  varies: [
    'package_id',
    'summary',
    'files.*.sha256',
    'files.*.bytes',
    'manifest_sha256',
    'previous_package_id',
    'chain',
    'stored_in',
    'how_to_get',
  ],
  list: 'exceptions',
  async run(ports, given) {
    const now = ports.now();
    const period = choosePeriod(now, given);
    const parameters = parametersOf(given);
    // What the rules refuse is refused before anything is read.
    ruleSettings(parameters);
    const before = await packageBefore(ports, given);
    const waitMs = given.wait_seconds * 1000;
    const scope = { from: period.from, to: period.to, maxRows: given.max_rows };
    const [lake, changes] = await Promise.all([
      readLake(ports, { ...scope, logs: given.logs, peopleRoles: given.people_roles }, waitMs),
      readChanges(ports, { ...scope, project: given.project, group: given.group }, waitMs),
    ]);
    const made = makePackage({
      period,
      parameters,
      madeAt: ports.now(),
      madeBy: ports.packages?.maker ?? {
        program: 'n8n-nodes-soc',
        version: 'unknown',
        who: 'an unnamed host',
        zone_data: null,
      },
      queries: [...lake.queries, ...changes.queries],
      rows: { ...lake.rows, ...changes.rows },
      counted: lake.counted,
      unreadable: lake.unreadable,
      ...before,
    });
    const { manifest, manifestSha256, exceptions, files } = made;
    const kept = await ports.packages?.keep(manifest.package_id, manifestSha256, files);
    const listed = exceptions.map((one, index) => ({ one, id: exceptionId(index) }));
    const ordered = [
      ...listed.filter(({ one }) => one.class === 'exception'),
      ...listed.filter(({ one }) => one.class === 'lead'),
    ];
    const shown = ordered.slice(0, given.max_exceptions);
    return {
      package_id: manifest.package_id,
      status: manifest.status,
      reasons: manifest.reasons,
      summary: summaryOf(manifest, manifestSha256),
      period,
      controls: manifest.controls,
      exceptions: shown.map(({ one, id }) => ({
        id,
        control: one.control,
        class: one.class,
        kind: one.kind,
        at: one.at,
        subject: one.subject,
        statement: one.statement,
        population: one.population,
        rows: one.rows.length,
        first_row_sha256: one.rows[0]?.sha256 ?? null,
      })),
      exception_count: exceptions.filter((one) => one.class === 'exception').length,
      lead_count: exceptions.filter((one) => one.class === 'lead').length,
      left_out: ordered.length - shown.length,
      populations: manifest.populations.map(({ name: population, file, state, rows, events, expected_events }) => ({
        name: population,
        file,
        state,
        rows,
        events,
        expected_events,
      })),
      files: [...manifest.files, ...sealRecords(made)],
      manifest_sha256: manifestSha256,
      previous_package_id: manifest.previous?.package_id ?? null,
      chain: manifest.chain,
      stored_in: kept?.where ?? null,
      how_to_get:
        kept === undefined
          ? 'The files were not kept: this host has nowhere to put them. Set SOC_COMPLIANCE_DIR on the bridge, run soc-bridge compliance write DIR, or run the operation in an n8n node.'
          : `The files are in ${kept.where}. soc-bridge compliance verify checks them.`,
    };
  },
});

function sealRecords({ files, manifest }: ReturnType<typeof makePackage>) {
  const listed = new Set(manifest.files.map(({ name: file }) => file));
  return files.filter(({ name: file }) => !listed.has(file)).map(recordOf);
}

function recordOf({ name: file, content }: PackageFile) {
  return { name: file, bytes: byteLength(content), sha256: sha256Of(content) };
}

type Given = z.output<typeof input>;

function parametersOf(given: Given): Parameters {
  return {
    zone: given.zone,
    period: given.period,
    group: given.group ?? null,
    project: given.project ?? null,
    logs: given.logs,
    people_roles: given.people_roles,
    business_start: given.business_start,
    business_end: given.business_end,
    weekend_days: given.weekend_days,
    holidays: given.holidays,
    user_zones: given.user_zones,
    service_identities: given.service_identities,
    on_call: given.on_call,
    failed_sign_ins: given.failed_sign_ins,
    denied_calls: given.denied_calls,
    log_gap_hours: given.log_gap_hours,
    branches: given.branches,
    environments: given.environments,
    max_rows: given.max_rows,
  };
}

/** The package that this one is chained to: the one that was named, else the last one of this host. */
async function packageBefore(ports: Ports, given: Given): Promise<Pick<Manifest, 'previous' | 'chain'>> {
  const { previous_package_id: id, previous_manifest_sha256: hash } = given;
  if ((id === undefined) !== (hash === undefined))
    throw new InvalidInputError('previous_package_id', 'goes with previous_manifest_sha256: give both or neither');
  if (id !== undefined && hash !== undefined)
    return { previous: { package_id: id, manifest_sha256: hash }, chain: 'Chained to the package that was named.' };
  const before = await ports.packages?.latest();
  if (before === undefined) return { previous: null, chain: 'First of its chain: no package before it is known here.' };
  const { package_id, manifest_sha256, problem } = before;
  return {
    previous: { package_id, manifest_sha256 },
    chain:
      problem === null
        ? 'Chained to the package before it.'
        : `${brokenChain}: the package before it does not hold: ${problem}`,
  };
}
