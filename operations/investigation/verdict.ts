import { severities } from './alert';
import { rowsSha256 } from './canonical-json';
import { flips } from './counterfactual';
import { isFullyCovered, keepsOpen } from './coverage';
import type { CoverageItem, EvidenceItem, Outcome, Severity, Verdict } from './evidence';
import { compare } from './observations';
import { probabilityText } from './probability-text';
import type { Finding } from './rules/rule';

/** Closed alerts of the same rule, as people classified them. */
export interface RuleHistory {
  true_positives: number;
  benign_positives: number;
  false_positives: number;
}

/** Log-odds of one group about one principal, and of a whole family: one burst of one kind cannot decide alone for ever. */
const groupCap = 3.5;
const familyCap = { hostile: 6, exculpatory: 4 } as const;
/** A rule's history may lean, never decide: 1.5 is a probability of 0.82. */
const priorCap = 1.5;
/** Nobody raised an alert: a scheduled hunt starts from about 1 in 20, and a strong finding still goes to a person. */
const huntPrior: Prior = { log_odds: -3, basis: 'No alert was raised: a scheduled hunt starts from about 1 in 20.' };
const strongFrom = 2.2;
const moderateFrom = 1;
const truePositiveFrom = 0.9;
const closeUpTo = 0.1;
const maxEvidence = 100;

export interface Prior {
  log_odds: number;
  basis: string;
}

/** Beta(1, 1) over the rule's closed alerts, as log-odds, capped either way. Without history the odds are even. */
export function priorOf(history: RuleHistory | undefined): Prior {
  const hits = history?.true_positives ?? 0;
  const misses = (history?.benign_positives ?? 0) + (history?.false_positives ?? 0);
  if (hits + misses === 0) return { log_odds: 0, basis: 'No history of the rule: even odds.' };
  const raw = Math.log((1 + hits) / (1 + misses));
  return {
    log_odds: rounded(Math.max(-priorCap, Math.min(priorCap, raw))),
    basis: `${hits} of ${hits + misses} closed alerts of the rule were true positives (Beta(1,1), capped at ${priorCap}).`,
  };
}

function rounded(value: number, digits = 3): number {
  const factor = 10 ** digits;
  const result = Math.round(value * factor) / factor;
  return result === 0 ? 0 : result;
}

interface Weighed {
  finding: Finding;
  weight: number;
}

/**
 * Applies the caps. Within a group about one principal the strongest counts in full and each further one half as much
 * as the one before, because they are views of one act; then come the caps of group and family. Adding a hostile
 * finding never lowers the sum: weights are taken in falling order.
 */
export function weigh(findings: readonly Finding[]): Weighed[] {
  const order = (a: Finding, b: Finding) =>
    Math.abs(b.weight) - Math.abs(a.weight) || compare(a.rule, b.rule) || compare(a.principal, b.principal);
  const result: Weighed[] = [];
  for (const family of ['hostile', 'exculpatory'] as const) {
    const used = new Map<string, { count: number; total: number }>();
    const scaled = findings
      .filter((finding) => finding.family === family)
      .sort(order)
      .map((finding) => {
        const key = JSON.stringify([finding.group, finding.principal]);
        const group = used.get(key) ?? { count: 0, total: 0 };
        const size = Math.min(Math.abs(finding.weight) / 2 ** group.count, groupCap - group.total);
        used.set(key, { count: group.count + 1, total: group.total + size });
        return { finding, size };
      })
      .sort((a, b) => b.size - a.size || order(a.finding, b.finding));
    const total = scaled.reduce((sum, { size }) => sum + size, 0);
    // Shared out in proportion, so that every item still shows what it contributes.
    const share = total > familyCap[family] ? familyCap[family] / total : 1;
    for (const { finding, size } of scaled) {
      result.push({ finding, weight: (family === 'hostile' ? size : -size) * share });
    }
  }
  return result;
}

function strengthOf(weight: number): EvidenceItem['strength'] {
  const size = Math.abs(weight);
  return size >= strongFrom ? 'strong' : size >= moderateFrom ? 'moderate' : 'weak';
}

function toEvidence({ finding, weight }: Weighed, index: number): EvidenceItem {
  const cited = [...finding.cited].sort((a, b) => compare(a.at, b.at) || compare(a.ref, b.ref));
  const first = cited[0];
  const times = cited
    .flatMap((row) => [row.at, row.lastAt])
    .filter((time) => time !== '')
    .sort();
  return {
    id: `E${index + 1}`,
    rule: finding.rule,
    family: finding.family,
    statement: finding.statement.slice(0, 1000),
    weight: rounded(weight),
    strength: strengthOf(finding.weight),
    techniques: finding.techniques,
    source: first?.source ?? 'panther:aws_cloudtrail',
    query_id: first?.queryId ?? null,
    query_label: first?.label ?? null,
    row_refs: [...new Set(cited.map((row) => row.ref))].slice(0, 20),
    row_sha256: cited.length === 0 ? null : rowsSha256(cited.map((row) => row.row)),
    first_at: times[0] ?? null,
    last_at: times.at(-1) ?? null,
  };
}

export interface Decision {
  verdict: Verdict;
  evidence: EvidenceItem[];
}

/**
 * The verdict: prior plus capped weights as log-odds. A true positive from 0.90 with hostile evidence of at least
 * moderate strength; closed up to 0.10 with complete coverage, something that exonerates and nothing strong against;
 * else a person decides. A hunt starts from its own prior. No model and no text from a log takes part.
 */
export function decide(
  alertSeverity: Severity,
  findings: readonly Finding[],
  coverage: readonly CoverageItem[],
  history?: RuleHistory,
  kind: 'alert' | 'hunt' = 'alert',
  without: (gone: Finding) => readonly Finding[] = (gone) => findings.filter((finding) => finding !== gone),
): Decision {
  const prior = kind === 'hunt' ? huntPrior : priorOf(history);
  const given = { prior, coverage, kind };
  const { weighed, sum, probability, outcome } = reached(findings, given);
  const evidence = weighed.slice(0, maxEvidence).map(toEvidence);
  const flipping = weighed.slice(0, maxEvidence).map(({ finding }) => ({
    finding,
    outcome: () => reached(without(finding), given).outcome,
  }));
  return {
    verdict: {
      outcome,
      severity: severityOf(alertSeverity, outcome, findings),
      probability,
      log_odds: rounded(sum),
      prior,
      reason: reasonOf(outcome, evidence, coverage, probability),
      would_flip_if: flips({ outcome, sum, evidence, coverage, kind }, flipping),
      not_seen: coverage
        .filter((item) => item.status !== 'complete')
        .map((item) => `${item.label}: ${item.problem ?? item.status}`),
    },
    evidence,
  };
}

interface Given {
  prior: Prior;
  coverage: readonly CoverageItem[];
  kind: 'alert' | 'hunt';
}

/** What a set of findings leads to; also for sets that are one finding less, to say what would change the outcome. */
function reached(findings: readonly Finding[], { prior, coverage, kind }: Given) {
  const weighed = weigh(findings);
  const sum = prior.log_odds + weighed.reduce((total, item) => total + item.weight, 0);
  const probability = rounded(1 / (1 + Math.exp(-sum)), 4);
  const covered = isFullyCovered(coverage) && !coverage.some(keepsOpen);
  // A hunt that finds nothing needs no reason to end; an alert does.
  const exonerated = kind === 'hunt' || findings.some((finding) => finding.family === 'exculpatory');
  const outcome = outcomeOf(probability, strongestHostile(findings), covered && exonerated, findings);
  return { weighed, sum, probability, outcome };
}

function strongestHostile(findings: readonly Finding[]): number {
  return Math.max(0, ...findings.filter((finding) => finding.family === 'hostile').map((finding) => finding.weight));
}

function outcomeOf(probability: number, strongest: number, mayClose: boolean, findings: readonly Finding[]): Outcome {
  const isExplained = findings.some((item) => item.group === 'routine' || item.group === 'change_control');
  if (probability >= truePositiveFrom && strongest >= moderateFrom) {
    // A reviewed change speaks against and nothing strong speaks for an attack: a person decides.
    return isExplained && strongest < strongFrom ? 'needs_review' : 'true_positive';
  }
  if (probability > closeUpTo || !mayClose || strongest >= strongFrom) return 'needs_review';
  return isExplained ? 'benign_positive' : 'false_positive';
}

/** The alert's severity, raised by strong hostile evidence of an open case. Never lowered. */
function severityOf(alert: Severity, outcome: Outcome, findings: readonly Finding[]): Severity {
  if (outcome === 'benign_positive' || outcome === 'false_positive') return alert;
  const raised = findings
    .filter((finding) => finding.family === 'hostile' && finding.weight >= strongFrom)
    .map((finding) => severities.indexOf(finding.severity));
  return severities[Math.max(severities.indexOf(alert), ...raised)] ?? alert;
}

function reasonOf(
  outcome: Outcome,
  evidence: readonly EvidenceItem[],
  coverage: readonly CoverageItem[],
  probability: number,
): string {
  const first = (family: EvidenceItem['family']) => evidence.find((item) => item.family === family);
  const hostile = first('hostile');
  const innocent = first('exculpatory');
  const share = `probability ${probabilityText(probability)}`;
  if (outcome === 'true_positive' && hostile !== undefined)
    return `True positive (${share}): ${hostile.statement} [${hostile.id}]`;
  if (outcome === 'benign_positive' && innocent !== undefined) {
    return `Benign: real activity with an innocent explanation (${share}): ${innocent.statement} [${innocent.id}]`;
  }
  if (outcome === 'false_positive' && innocent !== undefined) {
    return `False positive (${share}): ${innocent.statement} [${innocent.id}]`;
  }
  if (outcome === 'false_positive') return `Nothing hostile was found, and everything asked was answered (${share}).`;
  const missing = coverage.filter(keepsOpen);
  if (missing.length > 0) {
    const names = missing.map((item) => item.label).join(', ');
    return `Needs review (${share}): not everything could be looked at (${names}): ${missing[0]?.problem ?? 'no answer'}`;
  }
  if (hostile !== undefined)
    return `Needs review (${share}): the evidence does not decide; most telling: ${hostile.statement} [${hostile.id}]`;
  return `Needs review (${share}): nothing was found that points either way.`;
}
