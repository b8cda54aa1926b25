import { z } from 'zod';
import { MissingPermissionError, NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import {
  detectionFields,
  lineOrNull,
  lines,
  shapeDetection,
  type WireDetection,
  wireDetection,
} from './detection-record';
import { type DetectionType, detectionKinds, detectionTypes } from './detection-types';
import { pathSegment } from './path-segment';

const mostTests = 100;

const input = z.object({
  detection_id: z.string().min(1).max(300).describe('Id of the detection, e.g. AWS.CloudTrail.Stopped'),
  type: z
    .enum(detectionTypes)
    .optional()
    .describe('Its type; every type is tried in turn unless given, which takes up to five calls'),
  max_code_characters: z
    .number()
    .int()
    .min(100)
    .max(100_000)
    .default(20_000)
    .describe('Most characters of each piece of code to return, 100 to 100000; default 20000'),
});

const code = z.object({
  language: z.enum(['python', 'yaml']),
  text: z.string(),
  characters: z.number().int().describe('Length of the whole code'),
  complete: z.boolean().describe('False when text was cut'),
});

const output = z.object({
  ...detectionFields,
  create_alert: z.boolean().nullable().describe('Whether a match raises an alert'),
  runbook: z.string().nullable(),
  reference: z.string().nullable(),
  threshold: z.number().nullable().describe('Events that have to match before an alert is raised'),
  dedup_period_minutes: z.number().nullable().describe('Matches within so many minutes go into one alert'),
  summary_attributes: z.array(z.string()),
  suppressions: z.array(z.string()).describe('Resources that a policy ignores, as patterns'),
  correlated_rules: z.array(z.string()).describe('Rules that a correlation rule refers to'),
  reports: z.record(z.array(z.string())).describe('Frameworks and the entries in them it is mapped to'),
  mitre_attack: z.array(z.string()).describe('Its entries of MITRE ATT&CK, e.g. TA0005:T1562.008'),
  inline_filters: z.string().nullable().describe('Filter in front of the code, YAML'),
  code: z.array(code).describe('Python of a rule or policy, YAML of a simple or correlation rule'),
  tests_count: z.number().int(),
  tests: z
    .array(z.object({ name: z.string().nullable(), expected_result: z.boolean().nullable() }))
    .describe('Names of its unit tests, at most 100'),
});

export const getDetection = defineOperation({
  name: 'get_detection',
  toolset: 'panther',
  resource: 'Detection',
  title: 'Get',
  action: 'Get a detection',
  description:
    'Returns one detection of Panther with its code, unit test names, MITRE ATT&CK mapping, runbook, thresholds, destinations, and who made and changed it. Code longer than max_code_characters (default 20000) is cut and says so. Needs RuleRead, for policies PolicyRead.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['RuleRead', 'PolicyRead'],
  runs: 'anywhere',
  input,
  output,
  example: { detection_id: 'AWS.CloudTrail.Stopped', type: 'rule' },
  echoOnError: ['detection_id', 'type'],
  async run(ports, { detection_id, type, max_code_characters }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const { found, wire } = await find(client, detection_id, type);
    const reports = Object.entries(wire.reports ?? {}).map(
      ([name, entries]) => [cleanLine(name, 200), lines(entries)] as const,
    );
    return {
      ...shapeDetection(found, wire, 4000),
      create_alert: wire.createAlert ?? null,
      runbook: wire.runbook ? cleanText(wire.runbook, 8000) : null,
      reference: lineOrNull(wire.reference, 2000),
      threshold: wire.threshold ?? null,
      dedup_period_minutes: wire.dedupPeriodMinutes ?? null,
      summary_attributes: lines(wire.summaryAttributes),
      suppressions: lines(wire.suppressions),
      correlated_rules: lines(wire.correlationRuleReferenceIds),
      reports: Object.fromEntries(reports),
      mitre_attack: reports.filter(([name]) => /^MITRE ATT&CK$/i.test(name)).flatMap(([, entries]) => entries),
      inline_filters: wire.inlineFilters ? cleanText(wire.inlineFilters, 8000) : null,
      code: codeOf(wire, max_code_characters),
      tests_count: wire.tests?.length ?? 0,
      tests: (wire.tests ?? []).slice(0, mostTests).map((test) => ({
        name: lineOrNull(test?.name),
        expected_result: test?.expectedResult ?? null,
      })),
    };
  },
});

function codeOf(wire: WireDetection, most: number): z.infer<typeof code>[] {
  const pieces: [language: 'python' | 'yaml', text: string | null | undefined][] = [
    ['python', wire.body],
    ['yaml', wire.detection],
    ['python', wire.pythonBody],
  ];
  return pieces.flatMap(([language, text]) =>
    text ? [{ language, text: cleanText(text, most), characters: text.length, complete: text.length <= most }] : [],
  );
}

/** Tries the types in turn; what could not be looked at is said when the id turns up nowhere. */
async function find(
  client: PantherClient,
  id: string,
  asked: DetectionType | undefined,
): Promise<{ found: DetectionType; wire: WireDetection }> {
  if (asked !== undefined) return { found: asked, wire: await read(client, asked, id) };
  const refused: MissingPermissionError[] = [];
  const lacking = new Set<string>();
  for (const type of detectionTypes) {
    try {
      return { found: type, wire: await read(client, type, id) };
    } catch (error) {
      if (error instanceof MissingPermissionError) {
        refused.push(error);
        lacking.add(detectionKinds[type].read);
      } else if (!(error instanceof NotFoundOrNoAccessError)) throw error;
    }
  }
  if (refused[0] !== undefined && refused.length === detectionTypes.length) throw refused[0];
  throw new NotFoundOrNoAccessError(
    'Panther',
    `detection ${cleanLine(id, 100)}`,
    lacking.size > 0
      ? `Not every type could be looked at: the token lacks ${[...lacking].join(' and ')}.`
      : 'list_detections with name_contains finds ids.',
  );
}

async function read(client: PantherClient, type: DetectionType, id: string): Promise<WireDetection> {
  const { path, noun, read: permission } = detectionKinds[type];
  const object = `${noun} ${cleanLine(id, 100)}`;
  const record = await client.rest({
    method: 'GET',
    path: `${path}/${pathSegment('detection_id', id)}`,
    query: type === 'simple_rule' ? { 'include-python': true } : undefined,
    answer: wireDetection,
    safeToRepeat: true,
    permission,
    what: `to read the ${object}`,
    object,
  });
  if (record === undefined) throw new NotFoundOrNoAccessError('Panther', object);
  return record;
}
