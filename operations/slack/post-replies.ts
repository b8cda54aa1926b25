import { CancelledError, OperationError } from '../errors';
import type { Message } from './blocks';
import type { SlackClient } from './client';
import { type Mark, postOnce } from './post-once';

/**
 * Posts what did not fit a message into its thread, in order. The message itself stands, so a failing reply ends this
 * without an error: resolves to whether all of it was posted.
 */
export async function postReplies(
  client: SlackClient,
  thread: { channel: string; threadTs: string; mark: Mark },
  messages: readonly Message[],
): Promise<boolean> {
  for (const [index, message] of messages.entries()) {
    const { channel, threadTs, mark } = thread;
    const reply = { eventType: `${mark.eventType}_part`, effect: `${mark.effect}#${index + 1}` };
    try {
      await postOnce(client, { channel, threadTs, message, mark: reply });
    } catch (error) {
      if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
      client.ports.log.warn('a message was posted, but not all of its continuation', {
        code: error.code,
        posted: index,
        of: messages.length,
      });
      return false;
    }
  }
  return true;
}
