import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationError } from '../../../operations/errors';
import type { Interaction } from '../../../operations/slack/interaction-payload';
import { parseInteractionBody } from '../../../operations/slack/interaction-payload';
import { verifySlackSignature } from '../../../operations/slack/request-signature';
import type { Logger } from '../hosting/logging';
import type { Acknowledgement } from '../interactions/dispatcher';
import { answer, answerJson, readBytes } from './exchange';

/** A payload carries the whole message: far below this. */
const maxBytes = 512 * 1024;
/** Bodies that are being read and not yet verified, all together. */
const maxBytesAtOnce = 64 * 1024 * 1024;
/** Slack gives up after three seconds; a body that trickles in is nobody's. */
const readWithinMs = 2500;

/**
 * `POST /slack/interactions`: the Request URL of the Slack app. Its callers hold no token of the bridge; Slack's signature
 * over the raw body is what lets them in, and without a signing secret nothing does. Answered as soon as the click is
 * durable; 200 for a click that came before, which changes nothing.
 */
export class SlackEndpoint {
  private bytesAtOnce = 0;

  constructor(
    private readonly secrets: readonly string[],
    private readonly receive: (interaction: Interaction) => Promise<Acknowledgement>,
    private readonly logger: Logger,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, code: string, message: string) =>
      answerJson(response, status, { code, message }, { connection: 'close' });
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') {
      return refuse(415, 'invalid_input', 'content-type: Slack sends application/x-www-form-urlencoded');
    }
    const announced = Number(request.headers['content-length'] ?? maxBytes);
    const reserved = Number.isFinite(announced) ? Math.min(Math.max(0, announced), maxBytes) : maxBytes;
    if (this.bytesAtOnce + reserved > maxBytesAtOnce) return refuse(503, 'unavailable', 'too much at once; try again');
    this.bytesAtOnce += reserved;
    let body: Buffer;
    const late = setTimeout(() => request.destroy(), readWithinMs);
    try {
      body = await readBytes(request, maxBytes);
    } finally {
      clearTimeout(late);
      this.bytesAtOnce -= reserved;
    }
    const check = verifySlackSignature(
      {
        rawBody: body,
        signature: one(request, 'x-slack-signature'),
        timestamp: one(request, 'x-slack-request-timestamp'),
      },
      this.secrets,
      this.now(),
    );
    if (!check.valid) {
      this.logger.warn({ problem: check.problem, from: request.socket.remoteAddress }, 'interaction refused');
      return refuse(check.problem === 'not_configured' ? 503 : 401, 'unauthenticated', check.message);
    }
    let interaction: Interaction;
    try {
      interaction = parseInteractionBody(body.toString('utf8'));
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.logger.warn({ problem: error.message }, 'interaction not understood');
      return refuse(400, error.code, error.message);
    }
    const acknowledgement = await this.receive(interaction);
    if (acknowledgement === undefined) answer(response, 200, 'text/plain; charset=utf-8', '');
    else answerJson(response, 200, acknowledgement);
  }
}

/** A header that came once; twice is as good as never. */
function one(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name];
  return values?.length === 1 ? values[0] : undefined;
}
