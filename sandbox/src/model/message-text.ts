import type { ChatMessage } from './completion';

/** The text of a message, whose parts become lines. */
export function textOf(message: ChatMessage): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map((part) => part.text ?? '').join('\n');
}
