import { cleanLine } from '../text';
import type { CloudEvent } from './cloud-event';
import type { EvidenceItem, TimelineEntry } from './evidence';
import type { ChangeRecord, PipelineRecord } from './merged-changes';
import { compare } from './observations';
import { requested, shortName } from './rules/request-fields';
import { isSensitiveCall } from './sensitive-calls';

const maxEntries = 120;

/** Members of requestParameters that name what a call acts on, most telling first. */
const targetKeys = [
  'userName',
  'roleName',
  'groupName',
  'policyArn',
  'roleArn',
  'bucketName',
  'functionName',
  'secretId',
  'instanceId',
  'groupId',
  'snapshotId',
  'imageId',
  'dBSnapshotIdentifier',
  'trailName',
  'keyId',
  'name',
];

function targetOf(event: CloudEvent): string | null {
  for (const key of targetKeys) {
    const value = requested(event, key);
    if (value !== '') return cleanLine(value.startsWith('arn:') ? shortName(value) : value, 200);
  }
  return null;
}

/**
 * The story in order of time, at most 120 entries: equal calls of one principal from one address are folded into one
 * with a count. When there are more, calls that evidence rests on stay first, then sensitive ones, then the rest.
 */
export function timelineOf(
  events: readonly CloudEvent[],
  evidence: readonly EvidenceItem[],
  changes: readonly ChangeRecord[],
  pipelines: readonly PipelineRecord[],
): TimelineEntry[] {
  const citing = new Map<string, string[]>();
  for (const item of evidence) {
    // What exonerates cites everything; naming it on every line would say nothing.
    if (item.family === 'exculpatory' && item.source.startsWith('panther')) continue;
    for (const ref of item.row_refs) citing.set(ref, [...(citing.get(ref) ?? []), item.id]);
  }
  const entries: { entry: TimelineEntry; rank: number }[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    const target = targetOf(event);
    const ids = citing.get(event.ref) ?? [];
    const result = event.error === null ? ('succeeded' as const) : ('failed' as const);
    const action = `${event.service}:${event.name}`;
    const key = JSON.stringify([event.principal.key, action, target, event.ip, result, ids]);
    const previous = open.get(key);
    const folded = previous === undefined ? undefined : entries[previous]?.entry;
    if (folded !== undefined && Date.parse(event.at) - Date.parse(folded.last_at) <= 3_600_000) {
      folded.last_at = event.at;
      folded.count += 1;
      continue;
    }
    open.set(key, entries.length);
    entries.push({
      rank: ids.length > 0 ? 0 : isSensitiveCall(event.service, event.name) ? 1 : 2,
      entry: {
        first_at: event.at,
        last_at: event.at,
        actor: event.principal.label,
        action,
        target,
        source_ip: event.ip === '' ? null : event.ip,
        count: 1,
        result,
        evidence_ids: ids,
      },
    });
  }
  for (const change of changes) {
    const ref = `${change.project}!${change.iid}`;
    entries.push({
      rank: 1,
      entry: gitlabEntry(change.mergedAt, change.mergedBy, 'gitlab:merge', ref, 'succeeded', citing.get(ref) ?? []),
    });
  }
  for (const pipeline of pipelines.filter((item) => item.at !== '')) {
    const ref = `${pipeline.project} pipeline ${pipeline.id}`;
    entries.push({
      rank: 2,
      entry: gitlabEntry(pipeline.at, pipeline.user ?? 'unknown', 'gitlab:pipeline', ref, 'failed', []),
    });
  }
  return entries
    .map((item, index) => ({ ...item, index }))
    .sort((a, b) => a.rank - b.rank || compare(a.entry.first_at, b.entry.first_at) || a.index - b.index)
    .slice(0, maxEntries)
    .sort((a, b) => compare(a.entry.first_at, b.entry.first_at) || a.index - b.index)
    .map(({ entry }) => entry);
}

function gitlabEntry(
  at: string,
  actor: string,
  action: string,
  target: string,
  result: TimelineEntry['result'],
  evidence_ids: string[],
): TimelineEntry {
  return {
    first_at: at,
    last_at: at,
    actor,
    action,
    target: target.slice(0, 300),
    source_ip: null,
    count: 1,
    result,
    evidence_ids,
  };
}
