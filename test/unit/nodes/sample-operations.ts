import { z } from 'zod';
import { defineOperation, type Operation } from '../../../operations/operation';
import { Deadline } from '../../../operations/retry';
import { callService, parseJson } from '../../../operations/service-call';

/** Looks a record up over HTTP. */
export const lookUpRecord = defineOperation({
  name: 'look_up_record',
  toolset: 'investigation',
  resource: 'Log Record',
  title: 'Get',
  action: 'Get a log record',
  description: 'Reads one record. Waits up to wait_seconds.',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input: z.object({
    record_id: z.string().min(1).max(100).describe('Record to read.'),
    wait_seconds: z.number().int().min(1).max(60).default(5).describe('Seconds to wait, 1 to 60; default 5'),
    case_id: z.string().optional().describe('Case that the record is for'),
  }),
  output: z.object({ record_id: z.string(), found: z.string(), case_id: z.string().nullable() }),
  example: { record_id: 'r-1' },
  echoOnError: ['record_id'],
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  async run(ports, { record_id, wait_seconds, case_id }) {
    const { baseUrl } = await ports.connection('gitlab');
    const response = await callService(ports, {
      service: 'gitlab',
      method: 'GET',
      url: `${baseUrl}/records/${encodeURIComponent(record_id)}`,
      safeToRepeat: true,
      deadline: new Deadline(ports, wait_seconds * 1000),
    });
    const { found } = z.object({ found: z.string() }).parse(parseJson('gitlab', response));
    return { record_id, found, case_id: case_id ?? null };
  },
});

/** Has a field of every kind, and gives back what it was given. */
export const echoFields = defineOperation({
  name: 'echo_fields',
  toolset: 'investigation',
  resource: 'Field',
  title: 'Get Many',
  action: 'Get many fields',
  description: 'Gives back its input.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  input: z.object({
    title: z.string().max(5000).describe('A title'),
    entities: z.array(z.object({ type: z.string(), value: z.string() })).describe('Entities, as JSON'),
    aws_arn: z.string().optional().describe('An ARN. See `title`.'),
    count: z.number().min(0).max(1).default(0.5).describe('Share, 0 to 1; default 0.5'),
    include_closed: z.boolean().default(false).describe('Include closed ones; default false'),
    severity: z.enum(['LOW', 'MEDIUM', 'HIGH']).optional().describe('Severity'),
    kinds: z
      .array(z.enum(['zeta', 'alpha', 'mid_way', 'beta', 'omega']))
      .optional()
      .describe('Kinds'),
    user_ids: z.array(z.string()).optional().describe('Users'),
    findings: z.array(z.string().max(1000)).optional().describe('Findings'),
    ports: z.array(z.number().int()).optional().describe('Ports'),
    facts: z.record(z.unknown()).optional().describe('Anything'),
    opinion: z.unknown().describe('Anything at all'),
    operation: z.string().optional().describe('A name that nodes have already'),
  }),
  output: z.object({ input: z.record(z.unknown()), records: z.array(z.record(z.unknown())) }),
  example: { title: 'x', entities: [] },
  list: 'records',
  async run(_ports, input) {
    return { input, records: input.entities };
  },
});

/** Needs the case store. */
export const openSampleCase = defineOperation({
  name: 'open_sample_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Open',
  action: 'Open a case',
  description: 'Opens a case.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({ title: z.string().min(1).describe('Title of the case') }),
  output: z.object({ case_id: z.string(), created: z.boolean() }),
  example: { title: 'x' },
  echoOnError: ['title'],
  async run() {
    throw new Error('this part runs on the bridge');
  },
});

/** As open_sample_case, but calling it twice does it twice. */
export const appendSampleNote: Operation = {
  ...openSampleCase,
  name: 'append_sample_note',
  title: 'Append Note',
  action: 'Append a note to a case',
  idempotent: false,
};

export const sampleOperations: readonly Operation[] = [lookUpRecord, echoFields, openSampleCase, appendSampleNote];
