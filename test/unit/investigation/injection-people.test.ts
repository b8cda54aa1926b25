import { noteOnCase } from '../../../bridge/src/approvals/case-note';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import type { ApprovalRecord } from '../../../operations/approvals';
import type { CasesPort } from '../../../operations/cases';
import { addCaseNote, addEvidence } from '../../../operations/investigation/add-to-case';
import { storeOpinion } from '../../../operations/investigation/apply-second-opinion';
import { canonicalJson } from '../../../operations/investigation/canonical-json';
import { caseNamed } from '../../../operations/investigation/case-summary';
import { settleCase } from '../../../operations/investigation/close-case';
import { storeCorrelation } from '../../../operations/investigation/correlate-evidence';
import { storeReport } from '../../../operations/investigation/generate-incident-report';
import { openFromAlert } from '../../../operations/investigation/open-case';
import { runOperation } from '../../../operations/operation';
import type { Ports } from '../../../operations/ports';
import { encodings, orders } from '../../support/planted-text';
import { cases, correlated, worldOf } from '../../support/planted-world';
import { createTestPorts } from '../../support/ports';

/**
 * Instructions in what people and models say of a case, Slack included: where the case ends, with which verdict, severity and
 * actions, is the same bytes whatever is said.
 */
let database: Database;
beforeAll(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterAll(() => database.close());

type Say = (ports: Ports, port: CasesPort, caseId: string, text: string) => Promise<unknown>;

/** Something that can be seen stands in front: what is invisible altogether is refused as blank. */
const seen = (text: string, most: number) => `Said: ${text}`.slice(0, most);

/** A denial in Slack with its reason, by somebody who is called what they like. */
const denied = (caseId: string, text: string): ApprovalRecord =>
  ({
    approval_id: 'APR-SIMULATED',
    case_id: caseId,
    status: 'denied',
    action: { name: 'simulated_action', target: text.slice(0, 200), parameters: {} },
    action_digest: 'ab'.repeat(32),
    decided_by: [{ id: 'U0SIM0009', name: text.slice(0, 80), decision: 'denied', reason: text, at: 'x' }],
  }) as unknown as ApprovalRecord;

const channels: Record<string, Say> = {
  'a note': (ports, _port, case_id, text) => runOperation(addCaseNote, ports, { case_id, note: seen(text, 4000) }),
  'a statement and its source': (ports, _port, case_id, text) =>
    runOperation(addEvidence, ports, { case_id, statement: seen(text, 2000), source: seen(text, 300) }),
  'a name and a reason in Slack': (ports, _port, caseId, text) => noteOnCase(ports, denied(caseId, text), 'case'),
  'an answer of a model': async (_ports, port, caseId, text) => storeOpinion(port, await caseNamed(port, caseId), text),
  'a reason of a model': async (_ports, port, caseId, text) =>
    storeOpinion(
      port,
      await caseNamed(port, caseId),
      JSON.stringify({ scrutiny: 'none', reason: text.slice(0, 500), evidence_ids: ['E1'] }),
    ),
};

let counter = 0;
async function ending(kind: string, say: Say, text: string): Promise<string> {
  counter += 1;
  const world = worldOf(cases[kind] ?? []);
  const port = new CaseStore(database).port({ caseLeaseMs: 60_000 });
  const ports = createTestPorts({ connections: {}, cases: port, now: () => new Date('2026-01-15T10:00:00Z') });
  const { case_id } = await openFromAlert(ports, { ...world.alert, id: `A-${counter}` }, {});
  await storeCorrelation(port, case_id, correlated(world));
  await say(ports, port, case_id, text);
  await storeReport(port, case_id);
  const { status, outcome, severity, probability, findings, evidence, coverage } = await settleCase(
    port,
    case_id,
    ports.now(),
    true,
  );
  return canonicalJson({ status, outcome, severity, probability, findings, evidence, coverage });
}

const kinds = Object.keys(cases);
const planted = Object.keys(channels).flatMap((channel) =>
  Object.keys(orders).map((language): [string, string] => [channel, language]),
);
const clean = new Map<string, string>();
beforeAll(async () => {
  for (const kind of kinds)
    for (const [channel, say] of Object.entries(channels))
      clean.set(`${kind} ${channel}`, await ending(kind, say, 'Looked at by the owner of the account.'));
});

test('the cases end in different ways, and not by what is said', () => {
  for (const kind of kinds)
    expect(new Set(Object.keys(channels).map((channel) => clean.get(`${kind} ${channel}`))).size).toBe(1);
  expect(new Set(clean.values()).size).toBe(kinds.length);
});

test.each(planted)('%s, %s, in every encoding', async (channel, language) => {
  for (const [place, encode] of Object.values(encodings).entries()) {
    const kind = kinds[place % kinds.length] ?? '';
    const say = channels[channel] as Say;
    expect(await ending(kind, say, encode(orders[language] ?? ''))).toBe(clean.get(`${kind} ${channel}`));
  }
});
