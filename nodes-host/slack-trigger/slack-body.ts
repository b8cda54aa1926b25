import type { IWebhookFunctions } from 'n8n-workflow';

/** A request as Slack signed it. */
export interface SlackBody {
  /** Byte for byte what came in; Slack writes ASCII, everything else is percent-encoded. */
  text: string;
  signature: string | undefined;
  timestamp: string | undefined;
}

/** Slack's largest payloads, modals with all their blocks, stay far below. */
const maxBytes = 1024 * 1024;

/**
 * The raw body and the two headers that its signature is made with; or why they cannot be had. Reads the body unless n8n
 * has read it already.
 */
export async function readSlackBody(
  context: IWebhookFunctions,
): Promise<SlackBody | { status: number; problem: string }> {
  const request = context.getRequestObject();
  const type = String(request.headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    return { status: 415, problem: 'Content-Type: Slack sends application/x-www-form-urlencoded' };
  }
  const tooLarge = { status: 413, problem: `body: has more than ${maxBytes} bytes` };
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  if (request.rawBody === undefined) await request.readRawBody();
  const bytes: Buffer | undefined = request.rawBody;
  if (bytes === undefined || bytes.length === 0) return { status: 400, problem: 'body: is empty' };
  if (bytes.length > maxBytes) return tooLarge;
  const text = bytes.toString('latin1');
  if (!/^[\x20-\x7e]*$/.test(text)) return { status: 400, problem: 'body: is not form-encoded' };
  return {
    text,
    signature: header(request.headers['x-slack-signature']),
    timestamp: header(request.headers['x-slack-request-timestamp']),
  };
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
