import type { CaseRecord } from '../cases';
import { type Modal, type PlainTextObject, plain, section } from './blocks';
import { escalationPrefix } from './escalation-message';
import { plainLine, plainText } from './escape';

/** The answer to the question below comes under this name. */
export const closingCallback = `${escalationPrefix}closing`;
/** Where outcome and reason are in that answer. */
export const closingOutcome = { blockId: 'soc_closing_outcome', actionId: 'outcome' } as const;
export const closingReason = { blockId: 'soc_closing_reason', actionId: 'reason' } as const;

export const closingOutcomes = {
  false_positive: 'False positive: the rule was wrong',
  benign_positive: 'Benign positive: it happened, and it was meant to',
  true_positive: 'True positive: it was an attack, and it is dealt with',
} as const;
export type ClosingOutcome = keyof typeof closingOutcomes;

/** Asks how a case ended, and why. Until it is sent off nothing is closed. No answer is chosen beforehand. */
export function closingModal(record: Pick<CaseRecord, 'id' | 'title' | 'severity'>, metadata: string): Modal {
  const option = ([value, label]: [string, string]): { text: PlainTextObject; value: string } => ({
    text: plain(plainLine(label, 75)),
    value,
  });
  return {
    type: 'modal',
    callback_id: closingCallback,
    private_metadata: metadata,
    title: plain(plainLine('Close this case')),
    submit: plain(plainLine('Close case')),
    close: plain(plainLine('Back')),
    notify_on_close: true,
    blocks: [
      section(plain(plainText(`${record.id}, ${record.severity}\n${plainLine(record.title, 300)}`, 500))),
      {
        type: 'input',
        block_id: closingOutcome.blockId,
        label: plain(plainLine('How did it end?')),
        optional: false,
        element: {
          type: 'radio_buttons',
          action_id: closingOutcome.actionId,
          options: Object.entries(closingOutcomes).map(option),
        },
      },
      {
        type: 'input',
        block_id: closingReason.blockId,
        label: plain(plainLine('Why?')),
        hint: plain(
          plainLine('The case and its report keep this with your name. Nothing is closed until you send it.'),
        ),
        optional: false,
        element: {
          type: 'plain_text_input',
          action_id: closingReason.actionId,
          multiline: true,
          min_length: 1,
          max_length: 1000,
        },
      },
    ],
  };
}
