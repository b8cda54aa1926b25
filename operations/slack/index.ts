import type { Operation } from '../operation';
import { escalateToSocTeam } from './escalate-to-soc-team';
import { postMessage } from './post-message';

/** Slack's operations, in the order people read them. */
export const slackOperations: Operation[] = [postMessage, escalateToSocTeam];
