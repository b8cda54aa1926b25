import type { Rule } from './alert-store';
import {
  DETECTION_KINDS,
  type DetectionKind,
  type DetectionRecord,
  OTHER_DETECTIONS,
  ruleRecord,
} from './detection-samples';
import { HttpError } from './rest-answers';

/** The outcome of one unit test of a detection, as a refused write names it. */
export interface TestResult {
  name: string;
  passed: boolean;
  errored: boolean;
  triggerAlert: boolean;
}

/** Detections of all kinds. `reset` brings back what was seeded. */
export class DetectionStore {
  private readonly kinds = new Map<DetectionKind, Map<string, DetectionRecord>>();

  constructor(
    private readonly rules: readonly Rule[],
    private readonly clock: () => Date,
  ) {
    this.reset();
  }

  reset(): void {
    for (const kind of DETECTION_KINDS) {
      const records = [...(kind === 'rules' ? this.rules.map(ruleRecord) : []), ...OTHER_DETECTIONS[kind]];
      this.kinds.set(kind, new Map(records.map((record) => [record.id, structuredClone(record)])));
    }
  }

  list(kind: DetectionKind): DetectionRecord[] {
    return [...(this.kinds.get(kind)?.values() ?? [])];
  }

  /** Throws HttpError 404 for an unknown id. */
  get(kind: DetectionKind, id: string): DetectionRecord {
    const record = this.kinds.get(kind)?.get(id);
    if (!record) throw new HttpError(404, `${kind} not found: ${id}`);
    return record;
  }

  /** Puts a whole record in the place of what was there; what is not sent is gone. True when it is new. */
  put(kind: DetectionKind, id: string, sent: Record<string, unknown>, actor: object): boolean {
    const old = this.kinds.get(kind)?.get(id);
    const now = this.clock().toISOString();
    this.kinds.get(kind)?.set(id, {
      ...sent,
      id,
      createdAt: old?.createdAt ?? now,
      createdBy: old?.createdBy ?? actor,
      lastModified: now,
      lastModifiedBy: actor,
    });
    return old === undefined;
  }
}

/** Runs the unit tests of a record: its event's name has to be one that the body quotes, or not, as the test expects. */
export function testResults(record: Record<string, unknown>): TestResult[] {
  const quoted = new Set([...String(record.body ?? '').matchAll(/"(\w+)"/g)].map(([, word]) => word));
  const tests = Array.isArray(record.tests)
    ? (record.tests as { name: string; expectedResult: boolean; log?: { eventName?: string } }[])
    : [];
  return tests.map(({ name, expectedResult, log }) => {
    const triggerAlert = quoted.has(log?.eventName ?? '');
    return { name, passed: triggerAlert === expectedResult, errored: false, triggerAlert };
  });
}
