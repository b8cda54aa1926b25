import { z } from 'zod';
import { cleanLine, cleanText } from '../text';
import { parseWebAddress } from './address';
import type { WireMergeRequest, WireUser } from './wire-types';

/** A field that names somebody holds the user name, e.g. `mira.okafor`; null when GitLab does not say (deleted account). */
export const mergeRequestSchema = z.object({
  project: z.string().describe('Path with namespace'),
  iid: z.number().int().describe('Number within the project, as in !12'),
  title: z.string(),
  description_excerpt: z.string().describe('First 500 characters of the description'),
  state: z.string().describe('opened, closed, locked or merged'),
  draft: z.boolean(),
  author: z.string().nullable().describe('User name'),
  merged_by: z.string().nullable().describe('User name of who merged it or set it to merge automatically'),
  reviewers: z.array(z.string()).describe('User names, up to 50'),
  merged_at: z.string().nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  source_branch: z.string().nullable(),
  target_branch: z.string().nullable(),
  sha: z.string().nullable().describe('Head commit of the source branch'),
  merge_commit_sha: z.string().nullable(),
  labels: z.array(z.string()),
  web_url: z.string().nullable(),
  from_fork: z.boolean().describe('The source branch lives in another project, or in one that was deleted'),
});
export type MergeRequest = z.infer<typeof mergeRequestSchema>;

export function shapeMergeRequest(baseUrl: string, wire: WireMergeRequest): MergeRequest {
  return {
    project: projectOf(baseUrl, wire),
    iid: wire.iid,
    title: cleanLine(wire.title ?? '', 300),
    description_excerpt: cleanText(wire.description ?? '', 500),
    state: cleanLine(wire.state ?? 'unknown', 40),
    draft: wire.draft ?? wire.work_in_progress ?? false,
    author: userName(wire.author),
    merged_by: userName(mergerOf(wire)),
    reviewers: wire.reviewers.slice(0, 50).flatMap((user) => userName(user) ?? []),
    merged_at: wire.merged_at,
    created_at: wire.created_at,
    updated_at: wire.updated_at,
    source_branch: lineOrNull(wire.source_branch),
    target_branch: lineOrNull(wire.target_branch),
    sha: lineOrNull(wire.sha),
    merge_commit_sha: lineOrNull(wire.merge_commit_sha),
    labels: wire.labels.slice(0, 50).map((label) => cleanLine(label, 100)),
    web_url: webUrl(wire.web_url),
    from_fork: wire.source_project_id !== wire.target_project_id,
  };
}

/** `merged_by` is the deprecated name, which old servers still use alone. */
export function mergerOf(wire: WireMergeRequest): WireUser {
  return wire.merge_user ?? (wire.state === 'merged' ? wire.merged_by : null);
}

export function userName(user: { username: string } | null): string | null {
  return user === null ? null : cleanLine(user.username, 255);
}

export function lineOrNull(value: string | null, maxLength = 255): string | null {
  return value === null || value === '' ? null : cleanLine(value, maxLength);
}

/** An address of the answer, kept only as plain http(s). */
export function webUrl(value: string | null): string | null {
  if (value === null || !/^https?:\/\//i.test(value)) return null;
  return cleanLine(value, 2000);
}

/** From `references.full` (`group/project!12`), else from the web address, else the numeric id. */
function projectOf(baseUrl: string, wire: WireMergeRequest): string {
  const full = wire.references?.full ?? '';
  const at = full.lastIndexOf('!');
  if (at > 0) return cleanLine(full.slice(0, at), 1000);
  try {
    return parseWebAddress(baseUrl, wire.web_url ?? '', 'merge_request').project;
  } catch {
    return String(wire.target_project_id ?? wire.project_id ?? 'unknown');
  }
}
