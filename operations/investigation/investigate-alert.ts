import { z } from 'zod';
import { type CaseRecord, type CasesPort, settledStatuses } from '../cases';
import { mapConcurrently } from '../gitlab/concurrency';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import type { Alert } from './alert';
import { askForOpinion } from './ask-for-opinion';
import { caseNamed, caseSummarySchema, casesOf, summaryOf } from './case-summary';
import { needsEscalation, settleCase } from './close-case';
import { correlate } from './correlate';
import { storeCorrelation } from './correlate-evidence';
import { storeReport } from './generate-incident-report';
import { readAuditTrail, readSupplyChain, reviewChanges } from './gitlab-enrichment';
import { planIdentity } from './identity-steps';
import { escalate, type GitLabScope, readGitLab, runPlannedQuery } from './investigation-steps';
import { alertInput, exampleAlert } from './normalize-alert';
import { openFromAlert } from './open-case';
import { type Plan, planFor } from './plan';

/** Panther runs a tenant's queries on shared warehouses; three at a time leave room for people. */
const queriesAtOnce = 3;

/**
 * Drives a case from wherever it stands to its end and returns the settled record. Each finished stage is in the stage
 * ledger, so that after a crash nothing is called twice; a service that fails becomes coverage, and the case then
 * waits for a person. Throws only when the case is unknown, the store fails, or the caller cancels.
 */
async function drive(ports: Ports, caseId: string, given: GitLabScope): Promise<CaseRecord> {
  const cases = casesOf(ports);
  const record = await caseNamed(cases, caseId);
  if (settledStatuses.includes(record.status)) return record;
  // What the first caller said holds for everybody who goes on after it.
  const scope = await cases.stage(caseId, 'investigate:scope', async () => given);
  const plan = planFor(record.alert);
  const identity = await cases.stage(caseId, 'investigate:identity_plan', () =>
    planIdentity(ports, record.alert, plan),
  );
  const queries = [...plan.queries, ...identity.queries];
  const total = queries.length + 5;
  let done = 0;
  const finished = (message: string) => {
    done += 1;
    ports.progress(message, done, total);
  };
  if (record.status === 'opened') {
    await cases.change(
      caseId,
      { status: 'investigating' },
      { type: 'investigating', summary: `Asking ${queries.length} questions of the data lake` },
    );
  }
  const query_results = await mapConcurrently(
    queries,
    async (query) => {
      const result = await cases.stage(caseId, `investigate:query:${query.label}`, () => runPlannedQuery(ports, query));
      finished(`Query ${query.label} is done`);
      return result;
    },
    queriesAtOnce,
  );
  const changes = await readChangesAround(ports, cases, record, plan, scope);
  finished('GitLab was read');
  const stage = (name: string, step: () => Promise<unknown>) =>
    cases.stage(caseId, `investigate:${name}`, async () => {
      await step();
      return { done: true };
    });
  await stage('correlate', () =>
    storeCorrelation(cases, caseId, correlate({ alert: record.alert, query_results, identity, ...changes })),
  );
  finished('The evidence was weighed');
  // Within the stage ledger, so that a model is asked once for each case.
  if (ports.model !== undefined) await stage('second_opinion', () => askForOpinion(ports, cases, caseId));
  await tellPeople(ports, cases, caseId);
  finished('Escalation is settled');
  await storeReport(cases, caseId);
  finished('The report is written');
  const settled = await settleCase(cases, caseId, ports.now(), true);
  finished(`The case is ${settled.status}`);
  return settled;
}

/**
 * What changed in GitLab around the alert: merge requests and failed pipelines, then reviews of the most telling ones, the audit trail
 * and the supply chain, each a stage of its own so that a crash repeats one of them at most. Empty without GitLab.
 */
async function readChangesAround(
  ports: Ports,
  cases: CasesPort,
  { id, alert }: { id: string; alert: Alert },
  plan: Plan,
  scope: GitLabScope,
) {
  const stage = <T>(name: string, step: () => Promise<T>) => cases.stage(id, `investigate:${name}`, step);
  const changes = await stage('gitlab', () => readGitLab(ports, plan, scope));
  if (changes.merge_requests === undefined) return changes;
  const [reviews, audit_events, supply_chain] = await Promise.all([
    stage('gitlab_reviews', () => reviewChanges(ports, alert, changes.merge_requests)),
    stage('gitlab_audit', () => readAuditTrail(ports, alert, plan, scope)),
    stage('gitlab_supply_chain', () => readSupplyChain(ports, plan, scope)),
  ]);
  return { ...changes, ...reviews, audit_events, supply_chain };
}

/** Escalates when people have to know. When that fails the case says so and will wait as needs_review. */
async function tellPeople(ports: Ports, cases: CasesPort, caseId: string): Promise<void> {
  const record = await caseNamed(cases, caseId);
  if (record.escalation !== null || !needsEscalation(record)) return;
  const failure = await escalate(ports, record);
  if (failure === undefined) return;
  const problem = `Nobody could be told in Slack (${failure.code}): ${failure.message}`.slice(0, 1000);
  const item = {
    label: 'slack_escalation',
    source: 'slack',
    status: 'failed' as const,
    query_id: null,
    rows: null,
    problem,
  };
  const { findings } = record;
  await cases.change(
    caseId,
    {
      reason: `${record.reason ?? 'Needs review.'} ${problem}`,
      coverage: [...record.coverage.filter(({ label }) => label !== item.label), item],
      findings:
        findings === null
          ? null
          : {
              ...findings,
              verdict: {
                ...findings.verdict,
                not_seen: [...findings.verdict.not_seen, `slack_escalation: ${problem}`],
              },
              next_actions: [
                'Tell the SOC team by another way: the escalation to Slack failed.',
                ...findings.next_actions,
              ].slice(0, 20),
            },
    },
    { type: 'escalation_failed', summary: problem },
  );
}

/** Goes on with a case after a restart; a settled case is returned as it is. For the bridge's reconciler. */
export function resumeInvestigation(ports: Ports, caseId: string): Promise<CaseRecord> {
  return drive(ports, caseId, { group: null, project: null });
}

export const investigateAlert = defineOperation({
  name: 'investigate_alert',
  toolset: 'investigation',
  resource: 'Alert',
  title: 'Investigate',
  action: 'Investigate an alert',
  description:
    'Investigates an alert from end to end and keeps it as a case: opens the case, asks the data lake up to 8 questions about the cloud and up to 8 about sign-ins (Okta, Microsoft Entra, Google Workspace, where the tenant has them), 3 at a time, reads GitLab around that time (merge requests with up to 8 reviews, failed pipelines, audit events, supply chain), weighs the evidence, escalates to Slack what people have to know, writes the report and ends the automated part. The same alert again returns its case. A service that fails leaves the case to a person as needs_review, with what was not seen. Takes seconds to minutes. Takes no action on accounts.',
  effect: 'write',
  idempotent: true,
  services: ['panther', 'gitlab', 'slack'],
  permissions: ['DataAnalyticsRead', 'read_api', 'chat:write'],
  runs: 'bridge',
  input: z.object({
    ...alertInput,
    gitlab_group: z
      .string()
      .max(1000)
      .optional()
      .describe("GitLab group whose changes are read; default: the connection's"),
    gitlab_project: z
      .string()
      .max(1000)
      .optional()
      .describe("GitLab project whose changes are read, instead of a group; default: the connection's"),
  }),
  output: caseSummarySchema.extend({
    created: z.boolean().describe('False when the alert had a case already'),
    report_markdown: z.string().nullable(),
  }),
  example: { alert: { ...exampleAlert, id: 'example-0002' } },
  varies: ['created'],
  async run(ports, { alert, source, tenant, gitlab_group, gitlab_project }) {
    const opened = await openFromAlert(ports, alert, { source, tenant });
    const scope = { group: gitlab_group?.trim() || null, project: gitlab_project?.trim() || null };
    const record = await drive(ports, opened.case_id, scope);
    return { ...summaryOf(record), created: opened.created, report_markdown: record.report_markdown };
  },
});
