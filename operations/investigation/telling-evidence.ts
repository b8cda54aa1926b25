import type { EvidenceItem } from './evidence';

/**
 * The hostile evidence that tells of the attack: moderate and strong, and weak only where there is no other. Weak evidence is often
 * context, such as what colleagues changed on the same day; nobody should be drawn red for it.
 */
export function tellingEvidence(evidence: readonly EvidenceItem[]): EvidenceItem[] {
  const hostile = evidence.filter(({ family }) => family === 'hostile');
  const telling = hostile.filter(({ strength }) => strength !== 'weak');
  return telling.length > 0 ? telling : hostile;
}
