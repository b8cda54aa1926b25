import { z } from 'zod';
import { CancelledError, OperationError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import { lineOrNull } from './detection-record';
import { type DetectionType, detectionKinds, detectionTypes } from './detection-types';
import { changedMeanwhile, differentFields, putDisabled, readStored, type StoredDetection } from './detection-write';

const input = z.object({
  detection_id: z.string().min(1).max(300).describe('Id of the detection, e.g. AWS.EC2.SnapshotCreated'),
  type: z.enum(detectionTypes).describe('Its type, as list_detections and get_detection give it'),
  dry_run: z
    .boolean()
    .default(true)
    .describe('Whether to change nothing and only say what would happen; default true. Set it to false to disable.'),
  expected_last_modified: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('last_modified as the dry run gave it: a detection that was changed since then is left alone'),
  reason: z
    .string()
    .max(2000)
    .optional()
    .describe('Why it is disabled; copied to the output. Panther has no place for it.'),
});

const state = z.object({ enabled: z.boolean().nullable(), last_modified: z.string().nullable() });

const output = z.object({
  detection_id: z.string(),
  type: z.string(),
  name: z.string(),
  severity: z.string().nullable(),
  managed: z.boolean().nullable(),
  dry_run: z.boolean(),
  changed: z.boolean().describe('Whether this call disabled it'),
  before: state,
  after: state.nullable().describe('As read again afterwards; null after a dry run and when it could not be read'),
  verification: z
    .enum(['verified', 'unverified', 'not_done'])
    .describe(
      'verified: read as disabled; unverified: accepted, but a second read does not show it; not_done: dry run',
    ),
  changed_fields: z.array(z.string()).describe("Panther's names of the fields that differ before and after"),
  notes: z.array(z.string()).describe('What to know about it'),
  undo: z.string(),
  reason: z.string().nullable(),
});

export const disableDetection = defineOperation({
  name: 'disable_detection',
  toolset: 'panther',
  resource: 'Detection',
  title: 'Disable',
  action: 'Disable a detection',
  description:
    'Disables one detection of Panther, so that it raises no alerts any more. A dry run unless dry_run is false: silencing a detection is what an intruder would want, so look at the plan first, and give its last_modified as expected_last_modified. Everything else of the detection is kept as it is; its unit tests are not run. A detection that somebody else changes at the same time is left alone (conflict). The result is read again (verified or unverified). Needs RuleRead and RuleModify, for policies PolicyRead and PolicyModify.',
  effect: 'destructive',
  idempotent: true,
  services: ['panther'],
  permissions: ['RuleModify', 'PolicyModify'],
  runs: 'anywhere',
  input,
  output,
  example: {
    detection_id: 'AWS.EC2.SnapshotCreated',
    type: 'rule',
    dry_run: false,
    reason: 'Backups raise it every day; replaced by a narrower rule',
  },
  varies: ['after.last_modified'],
  echoOnError: ['detection_id', 'type'],
  async run(ports, { detection_id: id, type, dry_run, expected_last_modified, reason }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const planned = await readStored(client, type, id);
    if (expected_last_modified !== undefined && !isSameTime(planned.record.lastModified, expected_last_modified)) {
      throw changedMeanwhile(id, planned);
    }
    const done = { ...describe(type, planned), reason: reason === undefined ? null : cleanText(reason, 2000), dry_run };
    const isOff = planned.record.enabled === false;
    if (isOff || dry_run) {
      return {
        ...done,
        changed: false,
        after: isOff ? stateOf(planned) : null,
        verification: isOff ? ('verified' as const) : ('not_done' as const),
        changed_fields: [],
      };
    }
    // Read once more, so that as little time as possible lies between what is sent back and what is there.
    const stored = await readStored(client, type, id);
    if (differentFields(planned, stored).length > 0) throw changedMeanwhile(id, stored);
    await putDisabled(client, type, id, stored);
    ports.log.info('detection disabled', { detection_id: id, type });
    const after = await readAfterwards(client, type, id);
    return {
      ...done,
      changed: true,
      after: after === undefined ? null : stateOf(after),
      verification: after?.record.enabled === false ? ('verified' as const) : ('unverified' as const),
      changed_fields: after === undefined ? [] : differentFields(stored, after).map((name) => cleanLine(name, 100)),
    };
  },
});

/** Undefined when it cannot be read: the change was accepted all the same. */
async function readAfterwards(
  client: PantherClient,
  type: DetectionType,
  id: string,
): Promise<StoredDetection | undefined> {
  try {
    return await readStored(client, type, id);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (error instanceof CancelledError) {
      Object.assign(error.details, { detection_id: id, disabled: true });
      throw error;
    }
    client.ports.log.warn('a disabled detection could not be read again', { detection_id: id, code: error.code });
    return undefined;
  }
}

function describe(type: DetectionType, { record, fields }: StoredDetection) {
  const notes: string[] = [];
  if (record.managed === true) {
    notes.push('Panther provides this detection; whether its updates keep it disabled is for Panther to say.');
  }
  if (record.createdByExternal) {
    notes.push(
      `It was uploaded from files (by ${cleanLine(record.createdByExternal, 200)}): the next upload enables it again unless Enabled is set to false there.`,
    );
  }
  if (fields.enabled === undefined) notes.push('Panther did not say whether it was enabled before.');
  const name = lineOrNull(record.displayName) ?? cleanLine(record.id, 300);
  return {
    detection_id: cleanLine(record.id, 300),
    type,
    name,
    severity: lineOrNull(record.severity, 60),
    managed: record.managed ?? null,
    before: stateOf({ record }),
    notes,
    undo:
      record.enabled === false
        ? 'It was disabled before; there is nothing to undo.'
        : `Open the ${detectionKinds[type].noun} ${cleanLine(record.id, 300)} in Panther's console and enable it; nothing else was changed.`,
  };
}

function stateOf({ record }: Pick<StoredDetection, 'record'>): z.infer<typeof state> {
  return { enabled: record.enabled ?? null, last_modified: lineOrNull(record.lastModified, 60) };
}

/** Times are compared as moments when both are ones: callers may pass them on in another spelling. */
function isSameTime(held: string | null | undefined, expected: string): boolean {
  if (held == null) return false;
  const [a, b] = [Date.parse(held), Date.parse(expected)];
  return held === expected || (!Number.isNaN(a) && a === b);
}
