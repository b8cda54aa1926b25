import { z } from 'zod';

export const urgencies = ['low', 'medium', 'high', 'critical'] as const;
export type Urgency = (typeof urgencies)[number];

/** Whether the first is more urgent than the second. */
export function isMoreUrgent(a: Urgency, b: Urgency): boolean {
  return urgencies.indexOf(a) > urgencies.indexOf(b);
}

/** What an escalation says, as it was asked for. */
export const escalationContentSchema = z.object({
  title: z.string(),
  summary: z.string(),
  urgency: z.enum(urgencies),
  findings: z.array(z.string()).readonly(),
  next_steps: z.array(z.string()).readonly(),
  links: z.array(z.string()).readonly(),
});
export type EscalationContent = z.output<typeof escalationContentSchema>;

/** Where a message is. */
export interface MessagePlace {
  channel: string;
  ts: string;
}

/** Somebody who pressed a button, as Slack signed it. */
export interface Responder {
  /** Slack's id. */
  id: string;
  /** Name in Slack at that time; to read, not to decide by. */
  name: string;
  /** ISO 8601. */
  at: string;
}

/** What has become of an escalation: what its message shows besides its content. */
export interface EscalationState {
  /** May be higher than the content's: it only rises. */
  urgency: Urgency;
  acknowledged: Responder | null;
  investigating: Responder | null;
  /** So many reminders and further calls went out because nobody acknowledged it. */
  unanswered: number;
  /** The case as it is, in words; null before its verdict. */
  verdict: { outcome: string; severity: string } | null;
  closed: boolean;
  /** People may close it now; absent where nobody could. */
  closable?: boolean;
}

/**
 * What the bridge does for escalations besides posting them: it keeps one for each case, shows on its message what becomes
 * of it, and reminds and calls on others until somebody acknowledges it. Every method is durable before it resolves.
 */
export interface EscalationsPort {
  /** Whether clicks come in somewhere: without that, buttons would only annoy. */
  readonly interactive: boolean;
  /**
   * Makes sure that the case has an escalation. Whoever comes first decides its channel and what it says; everybody gets
   * what holds. A higher urgency than the known one is kept, and told to those it concerns.
   */
  register(
    caseId: string,
    wanted: { channel: string; content: EscalationContent },
  ): Promise<{ channel: string; content: EscalationContent; created: boolean }>;
  /** Its message is posted. */
  posted(caseId: string, place: MessagePlace & { permalink: string | null }): Promise<void>;
  /** It could not be posted there, and never will: another channel may be tried. */
  withdraw(caseId: string): Promise<void>;
}
