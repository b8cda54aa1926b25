import { InvalidInputError } from '../errors';
import { type Block, context, header, type Message, marked } from './blocks';
import { escapeMrkdwn, escapeMrkdwnLine, mrkdwn, plainLine, plainText } from './escape';
import { limits } from './limits';
import { continuations, divide, plainSections } from './split-text';

const longestText = 10_000;

/**
 * Text from outside as one message, and what does not fit it as messages for its thread. Shown literally, below a
 * heading where one is given. Throws InvalidInputError when nothing of it can be shown.
 */
export function textMessage(
  text: string,
  { caseId, heading = '' }: { caseId?: string; heading?: string } = {},
): { message: Message; rest: Message[] } {
  const title = plainLine(heading, limits.header);
  const top: Block[] = title === '' ? [] : [header(title)];
  const footer: Block[] = caseId === undefined ? [] : [context([marked(mrkdwn`Case ${escapeMrkdwnLine(caseId)}`)])];
  const body = plainSections(plainText(text, longestText));
  if (body.length === 0) throw new InvalidInputError('text', 'holds nothing that can be shown');
  const { first, rest } = divide(body, { characters: 200 + title.length, blocks: top.length + footer.length });
  return {
    message: {
      text: escapeMrkdwn(title === '' ? text : `${title}\n${text}`, limits.text),
      blocks: [...top, ...first, ...footer],
    },
    rest: continuations(rest),
  };
}
