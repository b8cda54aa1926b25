import fc from 'fast-check';
import { huntNamed } from '../../../operations/analytics/hunts';
import type { Hunt } from '../../../operations/analytics/hunts/hunt';
import { alertOf, joinRows } from '../../../operations/analytics/schedule/hunt-findings';
import type { HuntFinding } from '../../../operations/analytics/schedule/hunt-schedule-port';
import { missedRuns, nextTurn } from '../../../operations/analytics/schedule/hunt-window';
import { parseAlert } from '../../../operations/investigation/alert-format';

const hunt = huntNamed('log_tampering') as Hunt;
const timing = { intervalHours: 4, overlapMinutes: 60, delayMinutes: 15, maxWindowHours: 72 };
const noon = new Date('2026-03-18T12:00:30.000Z');
const hour = 3_600_000;
const day = { from: '2026-03-18T00:00:00.000Z', to: '2026-03-19T00:00:00.000Z' };
const row = (actor: string, first: number, last = first) => ({
  ACTOR: actor,
  EVENT_NAME: 'StopLogging',
  FIRST_AT: new Date(first).toISOString(),
  LAST_AT: new Date(last).toISOString(),
  CALLS: 1,
});

describe('the window of a run', () => {
  it('reaches back one interval the first time, and from the watermark afterwards', () => {
    expect(nextTurn(undefined, noon, timing)).toEqual({
      window: { from: '2026-03-18T06:45:00.000Z', to: '2026-03-18T11:45:00.000Z' },
      watermark: '2026-03-18T11:45:00.000Z',
      gap: null,
    });
    expect(nextTurn('2026-03-18T07:45:00.000Z', noon, timing)?.window.from).toBe('2026-03-18T06:45:00.000Z');
  });

  it('grows with what was not read, up to a limit, and names what lies before it', () => {
    expect(nextTurn('2026-03-16T00:00:00.000Z', noon, timing)).toMatchObject({
      window: { from: '2026-03-15T23:00:00.000Z' },
      gap: null,
    });
    expect(nextTurn('2026-03-10T00:00:00.000Z', noon, timing)).toMatchObject({
      window: { from: '2026-03-15T11:45:00.000Z' },
      gap: { from: '2026-03-10T00:00:00.000Z', to: '2026-03-15T11:45:00.000Z' },
    });
  });

  it('is none while the clock stands before the watermark', () => {
    expect(nextTurn('2026-03-18T11:46:00.000Z', noon, timing)).toBeUndefined();
    expect(nextTurn('2026-03-18T11:45:00.000Z', noon, timing)).toBeDefined();
  });

  it('leaves no moment out that it does not name as a gap, however the runs come', () => {
    const runs = fc.array(fc.record({ pauseMinutes: fc.integer({ min: 0, max: 8000 }), isRead: fc.boolean() }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(runs, (steps) => {
        let now = noon.getTime();
        let watermark: string | undefined;
        let coveredTo: number | undefined;
        for (const { pauseMinutes, isRead } of steps) {
          now += pauseMinutes * 60_000;
          const turn = nextTurn(watermark, new Date(now), timing);
          if (turn === undefined) continue;
          const from = Date.parse(turn.gap?.from ?? turn.window.from);
          if (coveredTo !== undefined) expect(from).toBeLessThanOrEqual(coveredTo);
          if (turn.gap !== null) expect(turn.gap.to).toBe(turn.window.from);
          if (isRead) {
            watermark = turn.watermark;
            coveredTo = Date.parse(turn.window.to);
          } else {
            watermark = turn.gap?.to ?? watermark ?? turn.window.from;
            coveredTo ??= Date.parse(turn.window.from);
            coveredTo = Math.max(coveredTo, Date.parse(turn.gap?.to ?? turn.window.from));
          }
        }
      }),
    );
  });
});

it.each([
  [4, 0],
  [4.4, 0],
  [5.9, 0],
  [6, 1],
  [8, 1],
  [12.1, 2],
  [0.1, 0],
  [-3, 0],
])('%d hours after the last run, %d were missed', (hours, missed) => {
  expect(missedRuns(new Date(noon.getTime() - hours * hour).toISOString(), noon, 4)).toBe(missed);
});

describe('findings', () => {
  it('are one for what one actor does within a day, whatever calls it makes', () => {
    const start = Date.parse('2026-03-18T01:00:00Z');
    const seen = joinRows(
      hunt,
      [row('a', start), row('a', start + 3 * hour), row('b', start), row('a', start + 25 * hour)],
      day,
      [],
    );
    expect(seen.map(({ finding, rows }) => [finding.actor, rows.length])).toEqual([
      ['a', 2],
      ['b', 1],
      ['a', 1],
    ]);
    expect(seen[2]?.previous).toMatchObject({ alert_id: seen[0]?.finding.alert_id });
    expect(new Set(seen.map(({ finding }) => finding.alert_id)).size).toBe(3);
  });

  it('are the same when a late call moves their beginning, and known when nothing is new', () => {
    const start = Date.parse('2026-03-18T01:00:00Z');
    const [first] = joinRows(hunt, [row('a', start)], day, []);
    const known = [first?.finding as HuntFinding];
    expect(joinRows(hunt, [row('a', start)], day, known)).toMatchObject([{ isNew: false, hasGrown: false }]);
    expect(joinRows(hunt, [row('a', start - hour, start + hour)], day, known)).toMatchObject([
      { isNew: false, hasGrown: true, finding: { alert_id: first?.finding.alert_id } },
    ]);
  });

  it('are the same for any way in which windows cut the time', () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 6 * 1440 }), { minLength: 1, maxLength: 40 });
    const widths = fc.array(fc.integer({ min: 30, max: 700 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(minutes, widths, fc.integer({ min: 0, max: 300 }), (calls, cuts, overlap) => {
        const at = [...new Set(calls)].sort((a, b) => a - b).map((minute) => Date.parse(day.from) + minute * 60_000);
        let findings: HuntFinding[] = [];
        const owners = new Map<number, Set<string>>();
        let from = Date.parse(day.from);
        for (let turn = 0; from < Date.parse(day.from) + 7 * 24 * hour; turn += 1) {
          const to = from + (cuts[turn % cuts.length] as number) * 60_000;
          const inside = at.filter((time) => time >= from - overlap * 60_000 && time < to);
          if (inside.length > 0) {
            const seen = joinRows(hunt, [row('a', inside[0] as number, inside.at(-1))], day, findings);
            expect(seen).toHaveLength(1);
            const changed = seen[0]?.finding as HuntFinding;
            findings = [...findings.filter(({ alert_id }) => alert_id !== changed.alert_id), changed];
            for (const time of inside) owners.set(time, (owners.get(time) ?? new Set()).add(changed.alert_id));
          }
          from = to;
        }
        // Every call is in a finding, and two findings never begin within a day of each other.
        expect(at.every((time) => owners.has(time))).toBe(true);
        const anchors = findings.map(({ anchor_at }) => Date.parse(anchor_at)).sort((a, b) => a - b);
        for (const [index, anchor] of anchors.entries())
          if (index > 0) expect(anchor - (anchors[index - 1] as number)).toBeGreaterThanOrEqual(24 * hour);
      }),
    );
  });

  it('come whole out of rows that hold anything at all, as alerts that can be opened', () => {
    const value = fc.oneof(fc.string({ maxLength: 600 }), fc.constant(null), fc.integer(), fc.constant({ a: 1 }));
    const any = fc.dictionary(
      fc.constantFrom('actor', 'target', 'source_ip', 'first_at', 'last_at', 'calls', 'policy', 'access_key'),
      value,
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (rows) => {
        const seen = joinRows(hunt, rows, day, []);
        expect(seen.flatMap((entry) => entry.rows)).toHaveLength(rows.length);
        for (const entry of seen) {
          const alert = parseAlert(alertOf(hunt, entry, 'q-1'));
          expect(alert).toMatchObject({ id: entry.finding.alert_id, source: 'hunt', severity: 'HIGH' });
        }
      }),
    );
  });

  it('name whom to ask for, and do not depend on what the rows look like', () => {
    const [seen] = joinRows(
      hunt,
      [
        {
          actor: 'arn:aws:iam::123456789012:user/eve',
          target: 'bob',
          source_ip: '192.0.2.9',
          first_at: '2026-03-18 01:00:00.000',
          last_at: '2026-03-18 01:30:00.000',
          calls: 3,
          event_name: 'StopLogging\u202e',
        },
      ],
      day,
      [],
    );
    const alert = parseAlert(alertOf(hunt, seen as NonNullable<typeof seen>, 'q-1'));
    expect(alert.entities).toEqual([
      { type: 'aws_arn', value: 'arn:aws:iam::123456789012:user/eve' },
      { type: 'user', value: 'bob' },
      { type: 'ip', value: '192.0.2.9' },
    ]);
    expect(alert).toMatchObject({
      title: 'Audit logs or detectors stopped: eve',
      created_at: '2026-03-18T01:30:00.000Z',
    });
    expect(alert.description).toContain('query q-1');
    expect(alert.description).not.toContain('\u202e');
  });
});
