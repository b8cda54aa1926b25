import type { CaseEvent, CaseRecord, CasesPort } from '../../operations/cases';
import { NotFoundOrNoAccessError } from '../../operations/errors';

export interface MemoryCases extends CasesPort {
  records: Map<string, CaseRecord>;
  events: (CaseEvent & { case_id: string })[];
  raw: { body: unknown; accepted: boolean; field?: string }[];
  /** Stages that were finished, as `case stage`. */
  stages: Map<string, unknown>;
  effects: Map<string, unknown>;
}

/**
 * The case store's contract in memory, for tests of operations that need speed. The real store has tests of its own.
 * Everything is copied through JSON, as a database would.
 */
export function memoryCases(now: () => Date = () => new Date('2026-01-15T10:00:00Z')): MemoryCases {
  const records = new Map<string, CaseRecord>();
  const events: MemoryCases['events'] = [];
  const raw: MemoryCases['raw'] = [];
  const stages = new Map<string, unknown>();
  const running = new Map<string, Promise<unknown>>();
  const effects = new Map<string, unknown>();
  const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  return {
    records,
    events,
    raw,
    stages,
    effects,
    async recordAlert(body, { accepted, field }) {
      raw.push({ body, accepted, field });
      return `RAW-${raw.length}`;
    },
    async open({ dedup_key, alert, title, severity }) {
      const known = [...records.values()].find((record) => record.dedup_key === dedup_key);
      if (known !== undefined) return { record: copy(known), created: false, joined: false };
      const at = now().toISOString();
      const record: CaseRecord = {
        id: `INV-TEST${records.size + 1}`,
        dedup_key,
        status: 'opened',
        version: 1,
        title,
        alert,
        severity,
        outcome: null,
        probability: null,
        reason: null,
        evidence: [],
        coverage: [],
        findings: null,
        escalation: null,
        report_markdown: null,
        report_sha256: null,
        additions: [],
        related_alerts: [],
        links: [],
        opened_at: at,
        updated_at: at,
        closed_at: null,
        closed_by: null,
      };
      records.set(record.id, copy(record));
      return { record: copy(record), created: true, joined: false };
    },
    async get(id) {
      const record = records.get(id);
      return record === undefined ? undefined : copy(record);
    },
    async history(id) {
      const own = events.filter(({ case_id }) => case_id === id);
      return own.map(({ type, summary }, index) => ({
        seq: index + 1,
        type,
        summary,
        at: now().toISOString(),
        hash: String(index + 1).padStart(64, '0'),
      }));
    },
    async change(id, change, event) {
      const record = records.get(id);
      if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${id}`);
      const changed = {
        ...record,
        ...copy(typeof change === 'function' ? change(record.status) : change),
        version: record.version + 1,
        updated_at: now().toISOString(),
      };
      records.set(id, changed);
      events.push({ ...event, case_id: id });
      return copy(changed);
    },
    list: notHere,
    sharing: notHere,
    add: notHere,
    reopen: notHere,
    closeByPerson: notHere,
    async stage(id, stage, compute) {
      const key = `${id} ${stage}`;
      if (stages.has(key)) return copy(stages.get(key)) as never;
      const under = running.get(key);
      if (under !== undefined) {
        // Whoever waits takes over when the first worker fails, as with the real store.
        const result = await under.catch(() => undefined);
        if (result !== undefined) return copy(result) as never;
      }
      const work = compute().then((result) => {
        stages.set(key, copy(result));
        return result;
      });
      running.set(key, work);
      try {
        return copy(await work);
      } finally {
        running.delete(key);
      }
    },
    async effect(key, perform) {
      if (effects.has(key)) return { result: copy(effects.get(key)) as never, performed: false };
      const result = await perform();
      effects.set(key, copy(result));
      return { result, performed: true };
    },
  };
}

/** What is the store's own work is tested on the store. */
function notHere(): never {
  throw new Error('the cases in memory do not have this; use a store');
}
