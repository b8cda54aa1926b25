import type { Operation } from '../operation';
import { getMergeRequestDetails } from './get-merge-request-details';
import { listMergeRequests } from './list-merge-requests';
import { listPipelineFailures } from './list-pipeline-failures';
import { reviewMergeRequestAndPipeline } from './review-merge-request-and-pipeline';
import { reviewPipelineJob } from './review-pipeline-job';

export const gitlabOperations: Operation[] = [
  listMergeRequests,
  getMergeRequestDetails,
  listPipelineFailures,
  reviewPipelineJob,
  reviewMergeRequestAndPipeline,
];
