import { z } from 'zod';
import { overriding } from '../clean-up-ports';
import { BadResponseError, OperationError, UnavailableError } from '../errors';
import { callService } from '../service-call';
import { cleanLine } from '../text';
import type { SlackClient } from './client';
import { outcomeUnknown } from './post-once';
import { ourselves } from './read-message';
import { isUploadAddress } from './upload-address';

export interface UploadedFile {
  file_id: string;
  filename: string;
  bytes: number;
  /** Of the message with the file; null while Slack still shares it. */
  ts: string | null;
}

export interface UploadPlace {
  /** Channel id: Slack takes no name here. */
  channel: string;
  threadTs: string | undefined;
}

interface TextFile {
  name: string;
  title: string;
  text: string;
}

const addressAnswer = z.object({ upload_url: z.string(), file_id: z.string().regex(/^F[A-Z0-9]+$/) });
const okAnswer = z.object({ ok: z.literal(true) });
/** Slack shares a file after it has answered; a second or two later its message is known. */
const looksForShare = 6;

/**
 * Uploads a text in Slack's three steps. The first two show nothing to anybody and may be repeated; the third, which
 * shares the file, is sent once, and looked for when its answer is lost. Throws UnavailableError with
 * `outcome: 'unknown'` when it cannot be found.
 */
export async function uploadFile(client: SlackClient, place: UploadPlace, file: TextFile): Promise<UploadedFile> {
  const bytes = new TextEncoder().encode(file.text).length;
  const { channel } = place;
  const subject = { what: 'to upload a file', scope: 'files:write', channel };
  const { upload_url: address, file_id: id } = await client.write(
    'files.getUploadURLExternal',
    { filename: file.name, length: bytes },
    addressAnswer,
    subject,
    { form: true, repeatable: true },
  );
  await sendBytes(client, address, file.text);
  try {
    await client.write(
      'files.completeUploadExternal',
      {
        files: [{ id, title: file.title }],
        channel_id: channel,
        ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
      },
      okAnswer,
      subject,
    );
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    const ts = await shareOf(client, id, channel);
    if (ts === null) {
      throw new UnavailableError(
        'Slack',
        'the answer to an upload was lost; look into the channel before trying again',
        {
          outcome: 'unknown',
          file_id: id,
        },
      );
    }
    return { file_id: id, filename: file.name, bytes, ts };
  }
  return { file_id: id, filename: file.name, bytes, ts: await shareOf(client, id, channel) };
}

async function sendBytes(client: SlackClient, address: string, text: string): Promise<void> {
  if (!isUploadAddress(client.baseUrl, address)) {
    const host = URL.canParse(address) ? new URL(address).host : 'no address';
    throw new BadResponseError('Slack', `it named ${cleanLine(host, 100)} for an upload, which is none of its hosts`);
  }
  const { ports, deadline } = client;
  const uploading = overriding(ports, { http: (request) => ports.http({ ...request, upload: true }) });
  const response = await callService(uploading, {
    service: 'slack',
    method: 'POST',
    url: address,
    headers: { 'content-type': 'application/octet-stream' },
    body: text,
    safeToRepeat: true,
    deadline,
  });
  if (response.status !== 200) {
    throw new UnavailableError('Slack', `it answered ${response.status} to the bytes of a file`, {
      status: response.status,
    });
  }
}

const infoAnswer = z.object({
  file: z.object({
    shares: z
      .object({
        public: z.record(z.array(z.object({ ts: z.string() }))).optional(),
        private: z.record(z.array(z.object({ ts: z.string() }))).optional(),
      })
      .nullish(),
  }),
});

/** The timestamp of the message that shares a file; null when it is not there, or the token may not read files. */
async function shareOf(client: SlackClient, file: string, channel: string): Promise<string | null> {
  for (let look = 0; look < looksForShare; look += 1) {
    try {
      const subject = { what: 'to look for a file', scope: 'files:read', missing: `file ${file}` };
      const { shares } = (await client.read('files.info', { file }, infoAnswer, subject)).file;
      const ts = (shares?.public?.[channel] ?? shares?.private?.[channel])?.[0]?.ts;
      if (ts !== undefined) return ts;
    } catch (error) {
      if (!(error instanceof OperationError) || error.code === 'cancelled') throw error;
      if (error.code === 'missing_permission') return null;
    }
    if (!(await client.deadline.wait(250 * 2 ** look))) return null;
  }
  return null;
}

const threadAnswer = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().nullish(),
      files: z.array(z.object({ id: z.string(), name: z.string().nullish(), size: z.number().nullish() })).nullish(),
    }),
  ),
});

/** After a crash: our own file of the same name and size in the newest messages of the place. */
export async function findUpload(
  client: SlackClient,
  place: UploadPlace,
  file: TextFile,
): Promise<UploadedFile | undefined> {
  const bytes = new TextEncoder().encode(file.text).length;
  const self = await ourselves(client);
  const { channel, threadTs: ts } = place;
  const { messages } = await client.read(
    ts === undefined ? 'conversations.history' : 'conversations.replies',
    { channel, ts, limit: 200 },
    threadAnswer,
    { what: 'to read messages', scope: 'channels:history', channel },
  );
  for (const message of messages) {
    if (self.user_id == null || message.user !== self.user_id) continue;
    const found = message.files?.find(({ name, size }) => name === file.name && size === bytes);
    if (found) return { file_id: found.id, filename: file.name, bytes, ts: message.ts };
  }
  return undefined;
}
