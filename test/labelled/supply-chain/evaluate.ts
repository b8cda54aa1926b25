import { linesAdded } from '../../../operations/gitlab/supply-chain/added-lines';
import { type Assessment, assessChange } from '../../../operations/gitlab/supply-chain/assess-change';
import { type SignalId, signalIds } from '../../../operations/gitlab/supply-chain/finding';
import type { LabelledChange } from './labelled-change';

/** From this score on somebody is called to look now. */
export const lookNow = 5;

export const workingHours = { timeZone: 'UTC', fromHour: 6, toHour: 20 };

export interface Outcome {
  change: LabelledChange;
  assessment: Assessment;
  fired: Set<SignalId>;
  /** Signals that had to fire and did not. */
  missing: SignalId[];
  /** Signals that fired and must not. */
  wrong: SignalId[];
}

export function assess(change: LabelledChange): Outcome {
  const files = change.files.map(({ path, before, after }) => ({
    path,
    before,
    after,
    added: linesAdded(before ?? '', after ?? ''),
  }));
  const assessment = assessChange(files, change.facts, workingHours);
  const fired = new Set(assessment.findings.map(({ signal }) => signal));
  const allowed = new Set([...change.must, ...change.may]);
  return {
    change,
    assessment,
    fired,
    missing: change.must.filter((signal) => !fired.has(signal)),
    wrong: [...fired].filter((signal) => !allowed.has(signal)),
  };
}

export interface SignalFigures {
  signal: SignalId;
  /** Changes it must fire on. */
  support: number;
  hits: number;
  misses: number;
  wrong: number;
  /** Null where it fired nowhere. */
  precision: number | null;
  /** Null where it has to fire nowhere. */
  recall: number | null;
}

export interface Figures {
  changes: number;
  attacks: number;
  ordinary: number;
  detected: number;
  falseAlarms: number;
  /** Attacks among what was called for a look. */
  precision: number | null;
  recall: number | null;
  missedAttacks: string[];
  falselyAlarmed: string[];
  signals: SignalFigures[];
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function figuresOf(outcomes: readonly Outcome[]): Figures {
  const isCalled = ({ assessment }: Outcome) => assessment.score >= lookNow;
  const attacks = outcomes.filter(({ change }) => change.label === 'attack');
  const ordinary = outcomes.filter(({ change }) => change.label === 'ordinary');
  const detected = attacks.filter(isCalled).length;
  const alarms = ordinary.filter(isCalled);
  return {
    changes: outcomes.length,
    attacks: attacks.length,
    ordinary: ordinary.length,
    detected,
    falseAlarms: alarms.length,
    precision: share(detected, detected + alarms.length),
    recall: share(detected, attacks.length),
    missedAttacks: attacks.filter((outcome) => !isCalled(outcome)).map(({ change }) => change.id),
    falselyAlarmed: alarms.map(({ change }) => change.id),
    signals: signalIds.map((signal) => {
      const due = outcomes.filter(({ change }) => change.must.includes(signal));
      const hits = due.filter(({ fired }) => fired.has(signal)).length;
      const wrong = outcomes.filter((outcome) => outcome.wrong.includes(signal)).length;
      return {
        signal,
        support: due.length,
        hits,
        misses: due.length - hits,
        wrong,
        precision: share(hits, hits + wrong),
        recall: share(hits, due.length),
      };
    }),
  };
}
