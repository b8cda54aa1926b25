import { z } from 'zod';
import type { CaseRecord } from '../cases';
import { ConflictError, InvalidInputError, NotFoundOrNoAccessError } from '../errors';
import { sha256 } from '../investigation/canonical-json';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { caseIdSchema, channelId, channelSchema, defaultChannel } from './channels';
import { SlackClient } from './client';
import { findUpload, type UploadedFile, uploadFile } from './file-upload';
import { messageTs } from './message-place';
import { permalinkOf } from './post-once';

const longestReport = 900_000;

const output = z.object({
  file_id: z.string(),
  filename: z.string(),
  bytes: z.number().int(),
  channel: z.string().describe('Channel id'),
  thread_ts: z.string().nullable(),
  ts: z.string().nullable().describe('Timestamp of the message with the file; null while Slack still shares it'),
  permalink: z.string().nullable(),
  uploaded: z.boolean().describe("False when the case's same report had been uploaded before"),
});

export const uploadReport = defineOperation({
  name: 'upload_report',
  toolset: 'slack',
  resource: 'File',
  title: 'Upload Report',
  action: 'Upload a report',
  description:
    "Uploads a report as a file to a channel or thread. With case_id it is the case's report as stored, in the thread of its escalation, once per version of the report; else give content. For what is too long for messages.",
  effect: 'write',
  idempotent: false,
  services: ['slack'],
  permissions: ['files:write', 'files:read', 'channels:read', 'groups:read'],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input: z.object({
    case_id: caseIdSchema.optional().describe('Case whose report is uploaded; give this or content'),
    content: z.string().min(1).max(longestReport).optional().describe('The text of the file, up to 900000 characters'),
    filename: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,119}$/, 'may hold letters, digits, spaces and . _ - only')
      .optional()
      .describe('Name of the file; default: report.md, or the case id with .md'),
    title: z.string().min(1).max(200).optional().describe('Shown above the file; default: its name'),
    channel: channelSchema
      .optional()
      .describe("Channel id or name; default: the case's thread, else the connection's channel_default"),
    thread_ts: messageTs.optional().describe('Timestamp (ts) of the message whose thread it goes to'),
  }),
  output,
  example: {
    content: '# Weekly hunt\n\nNothing was found that needs an analyst.\n',
    filename: 'weekly-hunt.md',
    channel: '#soc-alerts',
  },
  varies: ['file_id', 'ts', 'permalink'],
  echoOnError: ['case_id', 'channel', 'filename'],
  async run(ports, { case_id, content, filename, title, channel, thread_ts }) {
    if ((case_id === undefined) === (content === undefined))
      throw new InvalidInputError('content', 'give either content or case_id');
    const client = await SlackClient.connect(ports, new Deadline(ports, 120_000));
    const record = case_id === undefined ? undefined : await caseWithReport(ports, case_id);
    const text = content ?? record?.report_markdown ?? '';
    const name = filename ?? (case_id === undefined ? 'report.md' : `${case_id}.md`);
    const escalation = channel === undefined && thread_ts === undefined ? record?.escalation : undefined;
    const place = {
      channel: await channelId(client, escalation?.channel ?? channel ?? defaultChannel(client, 'channel_default')),
      threadTs: escalation?.ts ?? thread_ts,
    };
    const file = { name, title: cleanLine(title ?? name, 200), text };
    const shown = async (uploaded: UploadedFile, performed: boolean) => ({
      ...uploaded,
      channel: place.channel,
      thread_ts: place.threadTs ?? null,
      permalink: uploaded.ts === null ? null : await permalinkOf(client, { channel: place.channel, ts: uploaded.ts }),
      uploaded: performed,
    });
    const { cases } = ports;
    if (record === undefined || cases === undefined) return shown(await uploadFile(client, place, file), true);
    const key = `${record.id}:upload:slack:${sha256(`${place.channel} ${place.threadTs ?? ''} ${text}`).slice(0, 24)}`;
    const { result, performed } = await cases.effect<UploadedFile>(
      key,
      () => uploadFile(client, place, file),
      () => findUpload(client, place, file),
    );
    if (performed) {
      await cases.change(record.id, {}, { type: 'report_uploaded', summary: `Report uploaded to Slack: ${name}` });
    }
    return shown(result, performed);
  },
});

async function caseWithReport(ports: Ports, caseId: string): Promise<CaseRecord> {
  const record = await ports.cases?.get(caseId);
  if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${caseId}`);
  if (record.report_markdown !== null) return record;
  throw new ConflictError(`Case ${caseId} has no report yet. Run generate_incident_report first.`, {
    case_id: caseId,
    missing: 'generate_incident_report',
  });
}
