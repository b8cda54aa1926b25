import { writeFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { CaseHistoryEntry, CaseRecord } from '../../operations/cases';
import { predictedTechniques } from '../../operations/investigation/exports/predicted-techniques';
import { investigateAlert } from '../../operations/investigation/investigate-alert';
import { renderReportPage } from '../../operations/investigation/report-page/page';
import { runOperation } from '../../operations/operation';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { memoryCases } from '../support/memory-cases';
import { sandboxPorts } from '../support/sandbox-ports';

/** The report as people see it: an investigation over the stand-ins, drawn by a browser in all the ways it is read. */
const executablePath = browserPath();
const test = executablePath ? it : it.skip;
let sandbox: Sandbox;
let browser: Browser | undefined;
let page: string;

beforeAll(async () => {
  if (executablePath === undefined) return;
  sandbox = await startSandbox({});
  const cases = memoryCases();
  const alert = { ...(sandbox.sampleAlert as unknown as Record<string, unknown>), id: 'report-page' };
  const { case_id } = await runOperation(investigateAlert, sandboxPorts(sandbox, cases), { alert });
  const record = cases.records.get(case_id);
  if (record === undefined) throw new Error('there is no case');
  page = renderReportPage({
    record: withAdditions(record),
    history: historyOf(record),
    predicted: predictedTechniques(record),
  });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
});
afterAll(async () => {
  await browser?.close();
  await sandbox?.close();
});

const longWord = 'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Simulated';

/** What people, further alerts and missing sources add, with words that are longer than a phone is wide. */
function withAdditions(record: CaseRecord): CaseRecord {
  const at = '2026-11-20T10:15:00.000Z';
  const note = { id: 'A1', kind: 'note', text: 'Simulated: the owner of the role was asked.', source: null } as const;
  return {
    ...record,
    status: 'responding',
    coverage: [
      ...record.coverage,
      {
        label: 'identity_google',
        source: 'panther:google_workspace',
        status: 'not_available',
        query_id: null,
        rows: null,
        problem: 'This tenant has no table of Google Workspace activity.',
      },
    ],
    additions: [
      { ...note, scrutiny: 'none', severity: null, author: 'alice', at },
      {
        id: 'A2',
        kind: 'evidence',
        text: `Simulated: ${longWord} was seen in another account.`,
        source: 'telephone',
        scrutiny: 'raise',
        severity: 'CRITICAL',
        author: null,
        at,
      },
    ],
    related_alerts: [
      {
        alert: { ...record.alert, id: 'simulated-related', title: `Simulated: ${longWord}` },
        joined_at: at,
        shares: [`aws_arn:${longWord}`],
        looked_at: false,
      },
    ],
    links: [{ case_id: 'INV-01SIMULATED000000', reason: 'the same rule about the same entity', at }],
  };
}

function historyOf(record: CaseRecord): CaseHistoryEntry[] {
  const types = ['opened', 'investigating', 'evidence_correlated', 'escalated', 'acknowledged', 'reported'];
  return types.map((type, index) => ({
    seq: index + 1,
    type,
    summary: `Simulated: ${type}`,
    at: new Date(Date.parse(record.opened_at) + index * 60_000).toISOString(),
    hash: String(index).repeat(64),
  }));
}

/** Run in the page: how far it is wider than its window, and text with less contrast than WCAG 2 asks (4.5 to 1). */
const readability = `(() => {
  const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => colour.slice(0, 3)
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint = [];
  let looked = 0;
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg') !== null) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) continue;
    looked += 1;
    const [text, ground] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (!(ratio >= 4.5)) faint.push(ratio.toFixed(2) + ' ' + element.tagName + ' ' + element.textContent.slice(0, 60));
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return { overflow: scrollWidth - clientWidth, faint: faint.slice(0, 10), looked: looked > 100 };
})()`;

/** Run in the page as it prints: its colours, and what of it has no place on paper. */
const onPaper = `(() => {
  const { color, backgroundColor } = getComputedStyle(document.body);
  const all = [...document.querySelectorAll('h2, table, li.statement')];
  const hidden = all.filter((element) => element.getClientRects().length === 0);
  return { color, backgroundColor, hidden: hidden.map((element) => element.textContent.slice(0, 60)) };
})()`;

const pictures = process.env.SOC_PICTURES;
const views = [
  ['desktop', 1280, 900],
  ['phone', 360, 780],
] as const;
const schemes = ['light', 'dark'] as const;

describe.each(views)('on a %s', (device, width, height) => {
  test.each(schemes)(
    'nothing is wider than the page or cut off, and all text can be read, in %s',
    async (colorScheme) => {
      const opened = await browser?.newPage({ viewport: { width, height }, colorScheme });
      if (opened === undefined) throw new Error('no browser');
      await opened.setContent(page, { waitUntil: 'load' });
      if (pictures)
        await opened.screenshot({ path: `${pictures}/report-${device}-${colorScheme}.png`, fullPage: true });
      const found = await opened.evaluate(readability);
      expect(found).toEqual({ overflow: 0, faint: [], looked: true });
      await opened.close();
    },
  );
});

test('prints on paper: every section is there, in dark on white', async () => {
  const opened = await browser?.newPage({ viewport: { width: 794, height: 1123 }, colorScheme: 'dark' });
  if (opened === undefined) throw new Error('no browser');
  await opened.setContent(page, { waitUntil: 'load' });
  await opened.emulateMedia({ media: 'print' });
  const pdf = await opened.pdf({ format: 'A4', printBackground: true });
  if (pictures) writeFileSync(`${pictures}/report.pdf`, pdf);
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  const body = await opened.evaluate<{ hidden: string[] }>(onPaper);
  expect(body.hidden).toEqual([]);
  if (pictures) await opened.screenshot({ path: `${pictures}/report-print.png`, fullPage: true });
  expect(body).toMatchObject({
    color: 'rgb(0, 0, 0)',
    backgroundColor: expect.stringMatching(/rgba\(0, 0, 0, 0\)|rgb\(255, 255, 255\)/),
  });
  await opened.close();
});
