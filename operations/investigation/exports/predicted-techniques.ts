import { saysCloud } from '../../analytics/attack/cloud-techniques';
import { observe } from '../../analytics/progression/observed';
import { nextTechniques } from '../../analytics/progression/predictions';
import type { CaseRecord } from '../../cases';
import type { PredictedTechnique } from '../report-page/page';

const most = 6;

/**
 * What reports with the same techniques also hold, for a case that was not judged harmless; see predict_attack_progression. Null
 * where no prediction makes sense: the case is harmless, or was not correlated.
 */
export function predictedTechniques({ outcome, evidence, findings }: CaseRecord): PredictedTechnique[] | null {
  if (findings === null || outcome === 'benign_positive' || outcome === 'false_positive') return null;
  const calls = findings.timeline
    .filter(({ evidence_ids, result }) => evidence_ids.length > 0 && result === 'succeeded')
    .map(({ action }) => action)
    .filter((action) => /^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action));
  const seen = observe({ techniques: [], calls: [...new Set(calls)], evidence });
  const ids = seen.techniques.map(({ technique }) => technique.id);
  if (ids.length === 0) return [];
  const cloud = calls.length > 0 || ids.some(saysCloud);
  return nextTechniques(ids, cloud, most).list.map(({ id, name, confidence, because }) => ({
    id,
    name,
    confidence: confidence.n === 0 ? null : confidence.rate,
    because:
      because.length === 0
        ? 'frequent in public reports'
        : `found in public reports together with ${because
            .slice(0, 3)
            .map((entry) => entry.id)
            .join(', ')}`,
  }));
}
