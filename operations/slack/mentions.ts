import type { Urgency } from '../escalations';
import { groupMrkdwn, type Mrkdwn, userMrkdwn } from './escape';

const mostMentions = 5;

/** Ids of user groups (`S...`) and people (`U...`, `W...`) with commas, or undefined when it is no such list. */
export function mentionIds(list: string): string[] | undefined {
  const ids = list
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  return ids.length <= mostMentions && ids.every((id) => /^[SUW][A-Z0-9]{2,20}$/.test(id)) ? ids : undefined;
}

/** Who is called, from the configuration: a user group or a person. */
export function mentionOf(id: string): Mrkdwn {
  return id.startsWith('S') ? groupMrkdwn(id, 'mention') : userMrkdwn(id, 'mention');
}

/** Whom an escalation of this urgency calls; nobody unless it is set up. What is no id calls nobody. */
export function mentionsFor(defaults: Readonly<Record<string, string>>, urgency: Urgency): Mrkdwn[] {
  return (mentionIds(defaults[`mention_${urgency}`] ?? '') ?? []).map(mentionOf);
}
