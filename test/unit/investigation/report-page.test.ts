import fc from 'fast-check';
import type { CaseHistoryEntry, CaseRecord } from '../../../operations/cases';
import { caseTimes, duration } from '../../../operations/investigation/case-times';
import { predictedTechniques } from '../../../operations/investigation/exports/predicted-techniques';
import { renderReport } from '../../../operations/investigation/report';
import { escapeHtml, html } from '../../../operations/investigation/report-page/html';
import { type ReportSource, renderReportPage } from '../../../operations/investigation/report-page/page';
import { timeAxis } from '../../../operations/investigation/report-page/time-axis';
import { call } from '../../support/cloud-rows';
import { sampleRecord } from '../../support/sample-record';

const history: CaseHistoryEntry[] = [
  { seq: 1, type: 'opened', summary: 'Opened', at: '2026-01-15T10:00:00Z', hash: 'a'.repeat(64) },
  { seq: 2, type: 'acknowledged', summary: 'Taken by a person', at: '2026-01-15T10:05:00Z', hash: 'b'.repeat(64) },
];
const attacked = sampleRecord({}, [
  call('cloudtrail', 'StopLogging', { name: 't' }),
  call('iam', 'CreateAccessKey', { userName: 'svc' }),
  call('iam', 'AttachUserPolicy', { userName: 'svc', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
]);
const attack = () => attacked;
const source = (record: CaseRecord): ReportSource => ({
  record,
  history,
  predicted: [{ id: 'T1486', name: 'Data Encrypted for Impact', confidence: 0.31, because: 'seen after T1562.008' }],
});
const tagsOf = (page: string) =>
  new Set([...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name?.toLowerCase()));

test('every statement about what happened or was observed cites evidence that the page shows', () => {
  const record = attack();
  const page = renderReportPage(source(record));
  const statements = [...page.matchAll(/<li class="statement">(.*?)<\/li>/gs)].map(([, body]) => body ?? '');
  expect(statements.length).toBeGreaterThan(record.evidence.length);
  for (const body of statements) {
    const cited = [...body.matchAll(/href="#(E\d+)"/g)].map(([, id]) => id);
    expect(cited.length).toBeGreaterThan(0);
    for (const id of cited) expect(page).toContain(`id="${id}"`);
  }
});

test('what was observed and what is predicted stand apart', () => {
  const page = renderReportPage(source(attack()));
  const [observed, predicted] = page.split('Predicted, not seen');
  expect(observed).toContain('T1562.008');
  expect(observed).not.toContain('T1486');
  expect(predicted).toContain('31 % of cases');
  expect(renderReportPage({ ...source(attack()), predicted: null })).toContain('No prediction was made.');
});

test('equal sources give equal bytes, and nothing is loaded or run', () => {
  const page = renderReportPage(source(attack()));
  expect(renderReportPage(source(attack()))).toBe(page);
  expect([...page.matchAll(/(?:href|src|url)\s*[=(]\s*"?([^"#)\s>]*)/g)].filter(([, target]) => target !== '')).toEqual(
    [],
  );
  for (const tag of ['script', 'link', 'img', 'iframe', 'form', 'object', 'base'])
    expect(tagsOf(page)).not.toContain(tag);
});

/** Every text of the record that a service or an attacker can have written. */
function planted(record: CaseRecord, text: string): CaseRecord {
  const keep = new Set([
    'id',
    'family',
    'strength',
    'status',
    'severity',
    'outcome',
    'result',
    'first_at',
    'last_at',
    'created_at',
  ]);
  const walk = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return keep.has(key) ? value : `${value}${text}`;
    if (Array.isArray(value)) return value.map((item) => walk(item, key === 'evidence_ids' ? 'id' : key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]));
  };
  return walk(record) as CaseRecord;
}

test.each([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><script>x</script>',
  '</title></svg><svg onload=alert(1)>',
  '<!--',
  '<a href="javascript:alert(1)">click</a>',
  ']]><x/>',
  '\u202Egnp.exe\u0000\u001b[31m',
])('hostile text in any field stays text: %j', (text) => {
  const clean = renderReportPage(source(attack()));
  const page = renderReportPage(source(planted(attack(), text)));
  expect(tagsOf(page)).toEqual(tagsOf(clean));
  expect(page).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
  expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => /^#E\d+$/.test(target ?? ''))).toBe(true);
  expect(page).not.toMatch(/[\u202a-\u202e\u0000\u001b]/);
  expect((page.match(/<!--/g) ?? []).length).toBe(0);
});

test('a template escapes whatever is put into it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`;
      expect(markup.match(/</g)).toHaveLength(2);
      expect(markup.match(/"/g)).toHaveLength(2);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
  );
});

test('times lie in order, inside the drawing, and labels keep their distance', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 60 }), (times) => {
      const axis = timeAxis(times, 100, 900, 50);
      const sorted = [...times].sort((a, b) => a - b).map((time) => axis.place(time));
      for (const [index, place] of sorted.entries()) {
        expect(place).toBeGreaterThanOrEqual(index === 0 ? 100 : (sorted[index - 1] as number) - 1e-6);
        expect(place).toBeLessThanOrEqual(900 + 1e-6);
      }
      for (const [index, { at }] of axis.ticks.entries()) {
        if (index > 0) expect(at - (axis.ticks[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(50);
      }
    }),
  );
});

test('a burst a day after the alert is spread out, and the silence is marked', () => {
  const burst = [0, 1, 2, 3, 4, 5, 6, 7].map((minute) => 86_400_000 + minute * 60_000);
  const axis = timeAxis([0, ...burst], 0, 1000, 10);
  expect(axis.place(burst.at(-1) as number) - axis.place(burst[0] as number)).toBeGreaterThan(700);
  expect(axis.breaks).toHaveLength(1);
});

describe('the times of a case', () => {
  it('are measured where both ends are known', () => {
    const spans = caseTimes({ ...attack(), closed_at: '2026-01-15T12:00:00Z' }, history);
    expect(spans.map(({ name }) => name)).toEqual([
      'Time to detect',
      'Time to acknowledge',
      'Time to contain',
      'Time to resolve',
    ]);
    expect(spans[2]?.seconds).toBeNull();
    for (const { from, to, seconds } of spans) {
      if (seconds !== null) expect(seconds).toBe((Date.parse(to as string) - Date.parse(from as string)) / 1000);
    }
  });

  it('count from what tells of an attack, not from weak context before it', () => {
    const [item] = attack().evidence.filter(({ family }) => family === 'hostile');
    if (item === undefined) throw new Error('the sample has hostile evidence');
    const at = (strength: 'weak' | 'moderate', first_at: string) => ({ ...item, strength, first_at });
    const weak = at('weak', '2026-01-15T03:00:00Z');
    const firstAct = (...evidence: CaseRecord['evidence']) => caseTimes({ ...attack(), evidence }, [])[0]?.from;
    expect(firstAct(weak, at('moderate', '2026-01-15T09:00:00Z'))).toBe('2026-01-15T09:00:00Z');
    expect(firstAct(weak)).toBe('2026-01-15T03:00:00Z');
  });

  it('that may still come are "not yet" while the case is open', () => {
    const shown = (closed_at: string | null) =>
      /<b>([^<]*)<\/b><span>Time to contain/.exec(renderReportPage(source({ ...attack(), closed_at })))?.[1];
    expect(shown(null)).toBe('not yet');
    expect(shown('2026-01-15T12:00:00Z')).toBe('unknown');
  });

  it('are unknown where clocks disagree or nothing was seen', () => {
    const early = { ...history[1], at: '2020-01-01T00:00:00Z' } as CaseHistoryEntry;
    expect(caseTimes(attack(), [early])[1]?.seconds).toBeNull();
    expect(caseTimes({ ...attack(), evidence: [] }, [])[0]).toMatchObject({ from: null, seconds: null });
    expect(duration(null)).toBe('unknown');
    expect([0, 59, 3600, 90_061].map(duration)).toEqual(['0 s', '59 s', '1 h', '1 d 1 h']);
  });
});

test('nobody is drawn red for weak evidence where there is strong one', () => {
  const record = attack();
  const [first, ...rest] = record.findings?.timeline ?? [];
  if (first === undefined || record.findings === null) throw new Error('the sample has a time line');
  const [strong] = record.evidence;
  if (strong === undefined) throw new Error('the sample has evidence');
  const colleague = { ...first, actor: 'colleague', action: 'gitlab:merge', target: 'a/b!1', evidence_ids: ['E99'] };
  const given = {
    ...record,
    evidence: [...record.evidence, { ...strong, id: 'E99', strength: 'weak' as const }],
    findings: { ...record.findings, timeline: [first, ...rest, colleague] },
  };
  const page = renderReportPage(source(given));
  const looks = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, look]) => look);
  expect(looks(/<g class="node (\w+)"><rect [^>]*><text [^>]*>colleague</g)).toEqual(['ordinary']);
  expect(looks(/class="mark (\w+)[^"]*"[^>]*><title>[^<]*colleague/g)).toEqual(['sensitive']);
  expect(looks(/class="mark (hostile)/g).length).toBeGreaterThan(0);
});

describe('what is predicted for the page', () => {
  it('rests on what was observed, with an empirical rate, and names nothing that was seen', () => {
    const predicted = predictedTechniques(attack()) ?? [];
    expect(predicted.length).toBeGreaterThan(0);
    const observed = new Set(attack().evidence.flatMap(({ techniques }) => techniques));
    for (const { id, confidence } of predicted) {
      expect(observed).not.toContain(id);
      expect(confidence === null || (confidence >= 0 && confidence <= 1)).toBe(true);
    }
  });

  it('is nothing for a case that was judged harmless, and empty without a technique', () => {
    expect(predictedTechniques({ ...attack(), outcome: 'false_positive' })).toBeNull();
    const { findings } = attack();
    const nothing = { ...attack(), evidence: [], findings: findings && { ...findings, timeline: [] } };
    expect(predictedTechniques(nothing)).toEqual([]);
  });
});

it('shows what was added with who and when, what joined and what is linked, all of it escaped', () => {
  const base = sampleRecord();
  const record = {
    ...base,
    additions: [
      {
        id: 'A1',
        kind: 'evidence' as const,
        text: '<b>denied</b>',
        source: 'telephone',
        scrutiny: 'raise' as const,
        severity: 'HIGH' as const,
        author: 'alice',
        at: '2026-01-15T10:00:00.000Z',
      },
    ],
    related_alerts: [
      { alert: { ...base.alert, id: 'A-2' }, joined_at: base.opened_at, shares: ['user:eve'], looked_at: false },
    ],
    links: [{ case_id: 'INV-2', reason: 'the same rule about the same entity', at: base.opened_at }],
  };
  const page = renderReportPage({ record, history: [], predicted: null });
  const { markdown } = renderReport(record);
  for (const text of [page, markdown]) {
    for (const word of ['A1', 'alice', 'telephone', 'a closer look', 'at least HIGH', 'A-2', 'INV-2'])
      expect(text).toContain(word);
    expect(text).not.toContain('<b>denied');
  }
  expect(renderReportPage({ record: base, history: [], predicted: null })).not.toContain('Added by people');
});
