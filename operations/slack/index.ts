import type { Operation } from '../operation';
import { cancelApproval } from './cancel-approval';
import { escalateToSocTeam } from './escalate-to-soc-team';
import { findSlackUser } from './find-slack-user';
import { getApprovalStatus } from './get-approval-status';
import { getMessagePermalink } from './get-message-permalink';
import { listPendingApprovals } from './list-pending-approvals';
import { openIncidentChannel } from './open-incident-channel';
import { postMessage } from './post-message';
import { replyInThread } from './reply-in-thread';
import { requestAnalystApproval } from './request-analyst-approval';
import { updateMessage } from './update-message';
import { uploadReport } from './upload-report';

/** Slack's operations, in the order people read them. */
export const slackOperations: Operation[] = [
  postMessage,
  replyInThread,
  updateMessage,
  getMessagePermalink,
  escalateToSocTeam,
  openIncidentChannel,
  uploadReport,
  findSlackUser,
  requestAnalystApproval,
  getApprovalStatus,
  cancelApproval,
  listPendingApprovals,
];
