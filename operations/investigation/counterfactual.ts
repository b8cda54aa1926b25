import type { CoverageItem, EvidenceItem, Outcome } from './evidence';
import type { Finding } from './rules/rule';

/** What a finding's absence leads to. The outcome is computed when asked for: the rules run again without it. */
export interface Without {
  finding: Finding;
  outcome: () => Outcome;
}

interface Reached {
  outcome: Outcome;
  /** Log-odds of everything together. */
  sum: number;
  /** In the order of the findings. */
  evidence: readonly EvidenceItem[];
  coverage: readonly CoverageItem[];
  kind: 'alert' | 'hunt';
}

/** Items tried one at a time: the strongest of each family, as each try runs rules again. */
const tried = { hostile: 5, exculpatory: 3 } as const;
const shown = 6;
/** Log-odds of 0.90, from which a case is a true positive. */
const attackFrom = Math.log(9);

const words: Readonly<Record<Outcome, string>> = {
  true_positive: 'it is a true positive',
  benign_positive: 'it is benign and may be closed',
  false_positive: 'it is a false positive and may be closed',
  needs_review: 'a person has to decide',
};

/**
 * What would change the outcome, one thing at a time: each piece of evidence that turns out wrong (the rules then run again
 * without it), what was not seen, and how much more hostile evidence it would take. Every sentence was tried, none is a guess.
 */
export function flips({ outcome, sum, evidence, coverage, kind }: Reached, without: readonly Without[]): string[] {
  const found: string[] = [];
  for (const family of ['hostile', 'exculpatory'] as const) {
    const mine = without
      .map((one, index) => ({ ...one, item: evidence[index] }))
      .filter(({ finding }) => finding.family === family);
    let decisive = 0;
    for (const { item, outcome: other } of mine.slice(0, tried[family])) {
      const then = other();
      if (item === undefined || then === outcome) continue;
      decisive += 1;
      const wrong = family === 'hostile' ? 'is wrong or was intended' : 'is wrong';
      found.push(`${item.id} (${item.rule}) ${wrong}: then ${words[then]}.`);
    }
    if (family === 'hostile' && decisive === 0 && outcome === 'true_positive')
      found.push('Several pieces of hostile evidence are wrong together: no single one decides.');
    if (family === 'hostile' && decisive === 0 && outcome === 'needs_review' && mine.length > 0)
      found.push('A person finds out that what speaks for an attack was intended: then it may be closed.');
  }
  return [...found, ...bySeeing(outcome, coverage, kind), ...byMore(outcome, sum)].slice(0, shown);
}

function bySeeing(outcome: Outcome, coverage: readonly CoverageItem[], kind: 'alert' | 'hunt'): string[] {
  const open = coverage
    .filter(({ status }) => status !== 'complete' && status !== 'not_available')
    .map((item) => item.label);
  const asked = coverage
    .filter(({ source, status }) => source.startsWith('panther') && status === 'complete')
    .map((item) => item.label);
  if (outcome === 'needs_review' && open.length > 0)
    return [`What was not seen (${open.join(', ')}) turns out to be complete and clean, or hostile.`];
  if ((outcome === 'false_positive' || outcome === 'benign_positive') && asked.length > 0) {
    const which = asked.length === 1 ? asked[0] : `one of ${asked.join(', ')}`;
    return [
      `The answer to ${which} was not the whole one: then ${words.needs_review}${kind === 'hunt' ? ', as for any hunt' : ''}.`,
    ];
  }
  return [];
}

/** How much more it takes, in the words of strengths. */
function byMore(outcome: Outcome, sum: number): string[] {
  if (outcome === 'true_positive') return [];
  if (outcome === 'needs_review') {
    const missing = attackFrom - sum;
    const strength = missing <= 1 ? 'moderate' : missing <= 2.2 ? 'strong' : undefined;
    return strength === undefined
      ? [
          `Hostile acts of ${missing.toFixed(1)} more in log-odds (several, or one that is strong and undoes what exonerates) are found: then ${words.true_positive}.`,
        ]
      : [`One more hostile act, ${strength} and of another kind, is found: then ${words.true_positive}.`];
  }
  return [
    `A hostile act of moderate strength or more is found: then ${words.needs_review}, or ${words.true_positive}.`,
  ];
}
