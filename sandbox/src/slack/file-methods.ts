import type { ServiceRequest, ServiceResponse } from '../service';
import { isObject } from './block-limits';
import { invalidArguments, type SlackCall, SlackError } from './call';
import { fileEntity } from './entities';
import type { MethodTable } from './methods';
import type { SlackFile, SlackState } from './state';
import { BOT_USER } from './workspace';

const UPLOAD_PATH = /^\/upload\/v1\/(F[A-Z0-9]+)$/;

function uploadUrl(call: SlackCall) {
  const name = call.required('filename');
  const length = call.number('length');
  if (length === undefined) throw invalidArguments('missing required field: length');
  if (!Number.isInteger(length) || length <= 0) throw invalidArguments('must be greater than 0 [json-pointer:/length]');
  const file: SlackFile = { id: call.state.nextId('F'), name, title: name, length, completed: false, shares: [] };
  call.state.files.set(file.id, file);
  return { upload_url: `${call.origin}/upload/v1/${file.id}`, file_id: file.id };
}

/** Takes the bytes for an address given out before; plain or as the first part of a form. */
export function receiveUpload(request: ServiceRequest, state: SlackState): ServiceResponse | undefined {
  const id = UPLOAD_PATH.exec(request.path)?.[1];
  if (id === undefined) return undefined;
  const file = state.files.get(id);
  if (!file || file.completed) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not_found' };
  if (request.method !== 'POST')
    return { status: 405, headers: { 'content-type': 'text/plain' }, body: 'method_not_allowed' };
  const content = firstPart(request);
  if (content.length !== file.length)
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'length_mismatch' };
  file.content = content;
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: `OK - ${content.length}` };
}

function firstPart(request: ServiceRequest): Buffer {
  const boundary = /multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return request.body;
  const start = request.body.indexOf('\r\n\r\n') + 4;
  const end = request.body.indexOf(`\r\n--${boundary}`, start);
  return start < 4 || end < 0 ? Buffer.alloc(0) : request.body.subarray(start, end);
}

function complete(call: SlackCall) {
  const wanted = call.json('files', 'invalid_arguments');
  if (!Array.isArray(wanted) || wanted.length === 0) throw invalidArguments('missing required field: files');
  const files = wanted.map((entry) => {
    const file = isObject(entry) ? call.state.files.get(String(entry.id)) : undefined;
    if (!file?.content || file.completed) throw new SlackError('file_not_found');
    if (isObject(entry) && typeof entry.title === 'string') file.title = entry.title;
    return file;
  });
  const channel = call.has('channel_id') ? call.channel('channel_id') : undefined;
  if (channel?.archived) throw new SlackError('is_archived');
  if (channel && !channel.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
  const threadTs = call.text('thread_ts');
  if (channel && threadTs !== undefined && !call.state.find(channel.id, threadTs))
    throw new SlackError('thread_not_found');
  for (const file of files) file.completed = true;
  // Sharing happens behind the answer's back at Slack: `shares` is still empty here, files.info has it.
  const answer = { files: files.map(fileEntity) };
  if (channel) {
    const ts = call.state.nextTs();
    for (const file of files) file.shares.push({ channel: channel.id, ts });
    call.state.add({
      channel: channel.id,
      ts,
      user: BOT_USER.id,
      text: call.text('initial_comment') ?? '',
      threadTs,
      fileIds: files.map((file) => file.id),
      reactions: new Map(),
    });
  }
  return answer;
}

function info(call: SlackCall) {
  const file = call.state.files.get(call.required('file'));
  if (!file?.completed) throw new SlackError('file_not_found');
  return { file: fileEntity(file), comments: [], response_metadata: { next_cursor: '' } };
}

export const FILE_METHODS: MethodTable = {
  'files.getUploadURLExternal': { json: false, scopes: ['files:write'], run: uploadUrl },
  'files.completeUploadExternal': { json: true, scopes: ['files:write'], run: complete },
  'files.info': { json: false, scopes: ['files:read'], run: info },
};
