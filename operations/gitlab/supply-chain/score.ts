import type { Finding, Severity, SignalId } from './finding';
import { signalKinds } from './finding';

const points: Record<Severity, number> = { info: 0.3, low: 1, medium: 2.5, high: 5, critical: 8 };

export const levels = ['none', 'low', 'medium', 'high', 'critical'] as const;

export interface Score {
  /** 0 to 10. */
  score: number;
  level: (typeof levels)[number];
  /** In words, what the score is made of, heaviest first. */
  because: string[];
}

/**
 * One score for a change, from 0 to 10. Each signal counts once at its worst, however many entries show it, because a
 * mass of equal findings is one fact. Within a family the heaviest counts whole and each further one half of the one
 * before; families add up, because several ways of being odd together are what attacks look like. Signals about people
 * weigh only beside others. A program's account takes the weight off new versions, never off sources or checksums.
 */
export function scoreOf(findings: readonly Finding[], isBot: boolean): Score {
  const worst = new Map<SignalId, Finding>();
  for (const found of findings) {
    const known = worst.get(found.signal);
    if (known === undefined || points[found.severity] > points[known.severity]) worst.set(found.signal, found);
  }
  const families = new Map<string, number[]>();
  for (const { signal, severity } of worst.values()) {
    const { family } = signalKinds[signal];
    const weight = points[severity] * (isBot && family === 'version' ? 0.3 : 1);
    families.set(family, [...(families.get(family) ?? []), weight]);
  }
  const people = sumOf(families.get('people') ?? []);
  families.delete('people');
  const changes = [...families.values()].map(sumOf).sort((a, b) => b - a);
  const base = changes.reduce((total, weight) => total + weight, 0);
  // People make a suspicious change worse, and an ordinary one no more than remarkable.
  const score = Math.min(10, base + Math.min(people, base >= 2.5 ? 2.5 : 0.8));
  const rounded = Math.round(score * 10) / 10;
  return {
    score: rounded,
    level: levelOf(rounded),
    because: [...worst.values()]
      .sort((a, b) => points[b.severity] - points[a.severity] || (a.signal < b.signal ? -1 : 1))
      .map(({ signal, severity }) => `${signalKinds[signal].title} (${severity})`),
  };
}

function sumOf(weights: number[]): number {
  return weights.sort((a, b) => b - a).reduce((total, weight, index) => total + weight / 2 ** index, 0);
}

function levelOf(score: number): Score['level'] {
  if (score === 0) return 'none';
  if (score <= 3) return 'low';
  if (score < 5) return 'medium';
  return score < 8 ? 'high' : 'critical';
}
