import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capabilities } from '../../../bridge/src/bridge';
import { runProgram } from '../../../bridge/src/run-program';
import type { CaseRecord } from '../../../operations/cases';
import type { Ports } from '../../../operations/ports';
import { sampleEvidence } from './sample-case';
import { casesOf, openTestCase, testOperations } from './test-operations';

/**
 * The bridge's real program over a small pipeline that ends its own process, as `kill -9` does, at the point numbered
 * KILL_AT. What it does to the outside is a line in `effects.log` of the working folder.
 */
const killAt = Number(process.env.KILL_AT ?? 0);
let passed = 0;

function point(): void {
  passed += 1;
  if (passed === killAt) process.kill(process.pid, 'SIGKILL');
}

const effectsFile = join(process.cwd(), 'effects.log');
const computedFile = join(process.cwd(), 'computed.log');

async function resume(ports: Ports, caseId: string): Promise<CaseRecord> {
  const cases = casesOf(ports);
  point();
  // Changes are made inside stages: done once, and when a crash comes in between, repeated as the last event only.
  await cases.stage(caseId, 'begin', async () => {
    await cases.change(caseId, { status: 'investigating' }, { type: 'begun', summary: 'Begun' });
    point();
  });
  const rows = await cases.stage(caseId, 'query', async () => {
    appendFileSync(computedFile, `${process.pid}\n`);
    point();
    await ports.sleep(Number(process.env.STAGE_MS ?? 20), ports.signal);
    point();
    return { rows: 3 };
  });
  point();
  const key = `${caseId}:escalate:message:C1`;
  const posted = await cases.effect(
    key,
    async () => {
      point();
      appendFileSync(effectsFile, `${key}\n`);
      point();
      return { ts: '1.2' };
    },
    async () => {
      const found = existsSync(effectsFile) && readFileSync(effectsFile, 'utf8').split('\n').includes(key);
      return found ? { ts: '1.2' } : undefined;
    },
  );
  point();
  const { result } = posted;
  await cases.stage(caseId, 'decide', async () => {
    await cases.change(
      caseId,
      {
        evidence: [sampleEvidence('E1'), sampleEvidence('E2', rows.rows)],
        outcome: 'true_positive',
        probability: 0.93,
        reason: 'Simulated reason',
        escalation: { channel: 'C1', ts: result.ts, permalink: null },
      },
      { type: 'decided', summary: 'Decided' },
    );
    point();
  });
  point();
  await cases.change(
    caseId,
    { status: 'needs_review', report_markdown: `# ${rows.rows} rows\n`, report_sha256: 'ef'.repeat(32) },
    { type: 'reported', summary: 'Reported' },
  );
  point();
  const record = await cases.get(caseId);
  if (record === undefined) throw new Error('the case is gone');
  return record;
}

/** The number of the last point, for those who kill at each of them. */
export const lastPoint = 11;

const capabilities: Capabilities = {
  operations: testOperations,
  resume,
  open: async (ports, alert) => {
    const opened = await openTestCase(ports, alert);
    point();
    return opened;
  },
};

if (process.env.SOC_TEST_MAIN === 'run') void runProgram(capabilities, '0.0.0-test');
