import { z } from 'zod';
import { cleanLine } from '../text';
import { lineOrNull, userName, webUrl } from './merge-request-shape';
import type { WireBridge, WireJob, WirePipeline } from './wire-types';

export const pipelineSchema = z.object({
  id: z.number().int(),
  ref: z.string().nullable(),
  sha: z.string().nullable(),
  source: z
    .string()
    .nullable()
    .describe('What started it: push, merge_request_event, schedule, web, api, parent_pipeline, ...'),
  status: z.string(),
  user: z.string().nullable().describe('User name'),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  web_url: z.string().nullable(),
});
export type Pipeline = z.infer<typeof pipelineSchema>;

export function shapePipeline(wire: WirePipeline): Pipeline {
  return {
    id: wire.id,
    ref: lineOrNull(wire.ref),
    sha: lineOrNull(wire.sha),
    source: lineOrNull(wire.source, 60),
    status: cleanLine(wire.status ?? 'unknown', 40),
    user: userName(wire.user),
    created_at: wire.created_at,
    updated_at: wire.updated_at,
    finished_at: wire.finished_at,
    web_url: webUrl(wire.web_url),
  };
}

export const failedJobSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  stage: z.string().nullable(),
  failure_reason: z.string().nullable().describe("GitLab's reason, e.g. script_failure"),
  allow_failure: z.boolean().describe('Its failure did not fail the pipeline'),
  web_url: z.string().nullable(),
  trigger_job: z.boolean().describe('It started another pipeline instead of running a script, so it has no log'),
  downstream_pipeline_id: z.number().int().nullable(),
  retried: z.boolean().describe('An earlier attempt that was run again'),
});
export type FailedJob = z.infer<typeof failedJobSchema>;

export function shapeFailedJob(wire: WireJob | WireBridge, retried = false): FailedJob {
  const isTrigger = 'downstream_pipeline' in wire;
  return {
    id: wire.id,
    name: cleanLine(wire.name ?? '', 255),
    stage: lineOrNull(wire.stage),
    failure_reason: lineOrNull(wire.failure_reason, 100),
    allow_failure: wire.allow_failure ?? false,
    web_url: webUrl(wire.web_url),
    trigger_job: isTrigger,
    downstream_pipeline_id: isTrigger ? (wire.downstream_pipeline?.id ?? null) : null,
    retried,
  };
}
