import type { Operation } from '../operation';
import { blockUser } from './block-user';
import { getMergeRequestDetails } from './get-merge-request-details';
import { getMergeRequestDiff } from './get-merge-request-diff';
import { getProjectProtection } from './get-project-protection';
import { listAuditEvents } from './list-audit-events';
import { listCommits } from './list-commits';
import { listDeployments } from './list-deployments';
import { listGroups } from './list-groups';
import { listMergeRequests } from './list-merge-requests';
import { listPipelineFailures } from './list-pipeline-failures';
import { listProjects } from './list-projects';
import { listVulnerabilities } from './list-vulnerabilities';
import { monitorSupplyChainChanges } from './monitor-supply-chain-changes';
import { reviewMergeRequestAndPipeline } from './review-merge-request-and-pipeline';
import { reviewPipelineJob } from './review-pipeline-job';
import { unblockUser } from './unblock-user';

export const gitlabOperations: Operation[] = [
  listMergeRequests,
  getMergeRequestDetails,
  getMergeRequestDiff,
  listPipelineFailures,
  reviewPipelineJob,
  reviewMergeRequestAndPipeline,
  monitorSupplyChainChanges,
  listAuditEvents,
  listCommits,
  listDeployments,
  listVulnerabilities,
  listProjects,
  listGroups,
  getProjectProtection,
  blockUser,
  unblockUser,
];
