import { z } from 'zod';
import type { KnownIncident } from './model';

export const similarIncidentSchema = z.object({
  name: z.string(),
  url: z.string(),
  similarity: z.number().describe('0 to 1: cosine of the calls, rare ones weighing more'),
  shared_calls: z.array(z.string()),
  calls_in_incident: z.number().int(),
  other_calls: z.array(z.string()).describe('Calls of the incident that were not seen here, at most 10'),
});
export type SimilarIncident = z.infer<typeof similarIncidentSchema>;

/**
 * Incidents that share calls with what was seen, most alike first. One shared call is enough only when it is rare: most
 * incidents share GetCallerIdentity.
 */
export function similarIncidents(
  seen: readonly string[],
  incidents: readonly KnownIncident[],
  ids: readonly string[],
  counts: readonly number[],
  most: number,
): SimilarIncident[] {
  const weight = (call: number) => Math.log(1 + incidents.length / Math.max(1, counts[call] ?? 1));
  const given = new Set(seen.map((id) => ids.indexOf(id)).filter((index) => index >= 0));
  const length = (calls: Iterable<number>) => Math.sqrt([...calls].reduce((sum, call) => sum + weight(call) ** 2, 0));
  const ownLength = length(given);
  return incidents
    .flatMap(({ name, url, calls }) => {
      const shared = calls.filter((call) => given.has(call));
      const rare = shared.some((call) => (counts[call] ?? 0) <= 3);
      if (shared.length === 0 || (shared.length === 1 && !rare)) return [];
      const dot = shared.reduce((sum, call) => sum + weight(call) ** 2, 0);
      return [
        {
          name,
          url,
          similarity: Number((dot / (ownLength * length(calls))).toFixed(3)),
          shared_calls: shared.map((call) => ids[call] as string).slice(0, 30),
          calls_in_incident: calls.length,
          other_calls: calls
            .filter((call) => !given.has(call))
            .sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))
            .slice(0, 10)
            .map((call) => ids[call] as string),
        },
      ];
    })
    .sort((a, b) => b.similarity - a.similarity || b.shared_calls.length - a.shared_calls.length)
    .slice(0, most);
}
