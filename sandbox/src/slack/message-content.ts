import { blockTextLength, checkBlocks, isObject, MAX_BLOCK_TEXT } from './block-limits';
import { type SlackCall, SlackError } from './call';
import type { Json, Metadata } from './state';

const MAX_TEXT = 40_000;
const MAX_MARKDOWN = 12_000;
/** Slack has a limit for metadata but does not document it. */
const MAX_METADATA_BYTES = 16_384;

export interface MessageContent {
  text: string;
  blocks?: Json[];
  attachments?: Json[];
  metadata?: Metadata;
}

/** Reads and checks what a message says. */
export function readContent(call: SlackCall): MessageContent {
  const markdown = call.text('markdown_text');
  if (markdown !== undefined && (call.has('text') || call.has('blocks')))
    throw new SlackError('markdown_text_conflict');
  if (markdown !== undefined && markdown.length > MAX_MARKDOWN) throw new SlackError('msg_too_long');
  let text = call.text('text') ?? markdown ?? '';
  if (text.length > MAX_TEXT) {
    text = text.slice(0, MAX_TEXT);
    call.warnings.push('message_truncated');
  }
  const blocks = readBlocks(call);
  const attachments = call.json('attachments', 'invalid_attachments');
  if (text === '' && !blocks?.length && !attachments) throw new SlackError('no_text');
  const warnFallback = blocks?.length && text === '';
  if (warnFallback) call.warnings.push('missing_text_in_message');
  return {
    text,
    blocks,
    attachments: Array.isArray(attachments) ? attachments : undefined,
    metadata: readMetadata(call),
  };
}

function readBlocks(call: SlackCall): Json[] | undefined {
  const value = call.json('blocks', 'invalid_blocks_format');
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SlackError('invalid_blocks_format');
  const problems = checkBlocks(value);
  if (problems.length > 0) {
    const errors = problems.map((problem) => `${problem.message} [json-pointer:${problem.pointer}]`);
    throw new SlackError('invalid_blocks', {
      errors,
      response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) },
    });
  }
  if (blockTextLength(value) > MAX_BLOCK_TEXT) throw new SlackError('msg_blocks_too_long');
  return (value as Json[]).map((block) => ({
    ...block,
    block_id: block.block_id ?? call.state.nextId('b').slice(0, 6),
  }));
}

function readMetadata(call: SlackCall): Metadata | undefined {
  const value = call.json('metadata', 'invalid_metadata_format');
  if (value === undefined) return undefined;
  if (!isObject(value) || typeof value.event_type !== 'string' || !isObject(value.event_payload)) {
    throw new SlackError('invalid_metadata_format');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) throw new SlackError('metadata_too_large');
  return { event_type: value.event_type, event_payload: value.event_payload };
}
