import { changesCount, commitEntity, iso, type Json, mergeRequestBasic, userEntity } from './entities';
import { busySeconds } from './pipelines';
import { runnerName, traceOf } from './traces';
import type { Job, MergeRequest, Pipeline } from './world';

export function pipelineBasic(pipeline: Pipeline, base: string): Json {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: iso(pipeline.createdAt),
    updated_at: iso(pipeline.updatedAt),
    web_url: `${base}/${pipeline.project.path}/-/pipelines/${pipeline.id}`,
    name: null,
  };
}

export function pipelineFull(pipeline: Pipeline, base: string): Json {
  const basic = pipelineBasic(pipeline, base);
  return {
    ...basic,
    before_sha: pipeline.beforeSha,
    tag: false,
    yaml_errors: pipeline.yamlErrors ?? null,
    user: userEntity(pipeline.user, base),
    started_at: iso(pipeline.startedAt),
    finished_at: iso(pipeline.finishedAt),
    committed_at: null,
    duration: pipeline.finishedAt ? busySeconds(pipeline) : null,
    queued_duration: pipeline.startedAt
      ? Math.round((pipeline.startedAt.getTime() - pipeline.createdAt.getTime()) / 1000)
      : null,
    coverage: null,
    archived: false,
    detailed_status: {
      icon: `status_${pipeline.status}`,
      text: pipeline.status === 'success' ? 'Passed' : capital(pipeline.status),
      label: pipeline.status === 'success' ? 'passed' : pipeline.status,
      group: pipeline.status,
      tooltip: pipeline.status === 'success' ? 'passed' : pipeline.status,
      has_details: true,
      details_path: `/${pipeline.project.path}/-/pipelines/${pipeline.id}`,
      illustration: null,
      favicon: null,
    },
  };
}

/** A job of `/jobs`; its log's size is given before anyone downloads it. */
export function jobEntity(job: Job, base: string): Json {
  const log = job.finishedAt ? Buffer.byteLength(traceOf(job)) : 0;
  const project = job.pipeline.project;
  return {
    ...common(job, base),
    tag_list: job.script === 'terraform-apply' ? ['infra-production'] : [],
    web_url: `${base}/${project.path}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: true },
    artifacts: log > 0 ? [{ file_type: 'trace', size: log, filename: 'job.log', file_format: null }] : [],
    runner: job.startedAt
      ? {
          id: project.instanceRunners ? 11 : 27,
          description: runnerName(job),
          ip_address: '192.0.2.27',
          active: true,
          paused: false,
          is_shared: project.instanceRunners,
          runner_type: project.instanceRunners ? 'instance_type' : 'project_type',
          name: 'gitlab-runner',
          online: true,
          status: 'online',
        }
      : null,
    runner_manager: job.startedAt
      ? {
          id: 1,
          system_id: 's_simulated0001',
          version: '18.4.0',
          revision: 'simulated',
          platform: 'linux',
          architecture: 'amd64',
        }
      : null,
    artifacts_expire_at: null,
    archived: false,
  };
}

/** A trigger job of `/bridges`; `downstream_pipeline` is null when it was not started or may not be seen. */
export function bridgeEntity(job: Job, base: string): Json {
  const child = job.downstream;
  return {
    ...common(job, base),
    web_url: `${base}/${job.pipeline.project.path}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: true },
    downstream_pipeline: child && !child.project.hidden ? pipelineBasic(child, base) : null,
  };
}

function common(job: Job, base: string): Json {
  const { pipeline } = job;
  const commit = pipeline.project.commits.get(pipeline.sha);
  const queuedFrom = job.createdAt.getTime();
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: false,
    coverage: null,
    allow_failure: job.allowFailure,
    created_at: iso(job.createdAt),
    started_at: iso(job.startedAt),
    finished_at: iso(job.finishedAt),
    erased_at: iso(job.erasedAt),
    duration: job.startedAt && job.finishedAt ? (job.finishedAt.getTime() - job.startedAt.getTime()) / 1000 : null,
    queued_duration: job.startedAt ? (job.startedAt.getTime() - queuedFrom) / 1000 : null,
    ...(job.failureReason ? { failure_reason: job.failureReason } : {}),
    user: userEntity(job.user, base),
    commit: commit ? commitEntity(commit, pipeline.project, base) : null,
    pipeline: pipelineBasic(pipeline, base),
  };
}

/** The merge request as the single endpoint gives it. */
export function mergeRequestFull(mr: MergeRequest, base: string): Json {
  const head = mr.pushes.at(-1)?.pipeline;
  return {
    ...mergeRequestBasic(mr, base),
    subscribed: false,
    changes_count: changesCount(mr),
    latest_build_started_at: iso(head?.startedAt),
    latest_build_finished_at: iso(head?.finishedAt),
    first_deployed_to_production_at: null,
    pipeline: head ? pipelineBasic(head, base) : null,
    head_pipeline: head ? pipelineFull(head, base) : null,
    diff_refs: mr.preparing ? null : { base_sha: mr.baseSha, head_sha: mr.headSha, start_sha: mr.baseSha },
    merge_error: null,
    first_contribution: mr.firstContribution,
    user: { can_merge: false },
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
