import type { Urgency } from '../../../operations/escalations';
import type { SettingsReader } from '../approvals/approval-settings';

/** How escalations are followed up. */
export interface EscalationSettings {
  /** Time to acknowledge, in milliseconds, until people are called again; 0 is never. */
  acknowledgeMs: Record<Urgency, number>;
  /** Who is called after the reminder, one after the other: channels, user groups (`S...`) and people (`U...`). */
  escalateTo: string[];
}

const mostTargets = 5;
const isTarget = (target: string) => /^([UWS][A-Z0-9]{6,20}|C[A-Z0-9]{6,20}|#[^\s#<>&`,:]{1,80})$/.test(target);

export function readEscalationSettings(reader: SettingsReader): EscalationSettings {
  const seconds = (urgency: Urgency, fallback: number) =>
    1000 * reader.integer(`SLACK_ACK_SECONDS_${urgency.toUpperCase()}`, fallback, 0, 604_800);
  const escalateTo = (reader.text('SLACK_ESCALATE_TO') ?? '')
    .split(',')
    .map((target) => target.trim())
    .filter((target) => target !== '');
  if (!escalateTo.every(isTarget) || escalateTo.length > mostTargets) {
    reader.problem(
      'SLACK_ESCALATE_TO',
      `is not a list of at most ${mostTargets} channels (#name or C...), user group ids (S...) and user ids (U...) with commas`,
    );
  }
  return {
    acknowledgeMs: {
      critical: seconds('critical', 300),
      high: seconds('high', 900),
      medium: seconds('medium', 3600),
      low: seconds('low', 0),
    },
    escalateTo,
  };
}
