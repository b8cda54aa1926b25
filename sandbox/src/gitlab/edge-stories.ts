import { SIMULATED_PEOPLE as P } from '../simulated-people';
import { append, commit, remove, substitute, write } from './edits';
import type { MergeRequestScript } from './scripts';
import type { ChangePlan, CommitPlan } from './world';

const MINUTE = 60_000;
const DAY = 24 * 60;

/** Merge requests that put a client's reading of the API to the test: each one is a trap seen on real servers. */
export function edgeStories(now: Date): MergeRequestScript[] {
  const ago = (days: number, minutes = 0) => new Date(now.getTime() - (days * DAY + minutes) * MINUTE);
  return [
    {
      project: 'ledger-jobs',
      story: 'stale-approval',
      change: change(
        'fix/rounding',
        'Round half even in the daily close',
        commit('Round', append('jobs/close_day.py', '\nROUNDING = "half-even"')),
      ),
      author: P.kwame,
      reviewers: [P.lucia],
      createdAt: ago(3, 300),
      approvals: [{ by: P.lucia, at: ago(3, 200) }],
      laterPushes: [
        {
          at: ago(3, 150),
          commits: [commit('One more thing', append('jobs/close_day.py', 'SKIP_ACCOUNTS = ["clearing"]'))],
        },
      ],
      end: { kind: 'merge', by: P.kwame, at: ago(3, 120) },
    },
    {
      project: 'detections',
      story: 'self-approved',
      change: change(
        'tune/root-login',
        'Root login: exclude the break-glass drill',
        commit('Exclude drill', append('rules/aws_root_login.py', '\nDRILL = "198.51.100.7"')),
      ),
      author: P.aylin,
      createdAt: ago(5, 200),
      approvals: [{ by: P.aylin, at: ago(5, 160) }],
      end: { kind: 'merge', by: P.aylin, at: ago(5, 150) },
    },
    {
      project: 'payments-api',
      story: 'merged-indirectly',
      change: change(
        'fix/health',
        'Health check answers 204',
        commit('204', append('src/server.ts', "\napp.get('/health', (_, response) => response.sendStatus(204));")),
      ),
      author: P.tomas,
      createdAt: ago(6, 400),
      indirect: true,
      end: { kind: 'merge', by: P.priya, at: ago(6, 300) },
    },
    {
      project: 'customer-portal',
      story: 'fork',
      change: change(
        'patch-1',
        'Typo in the invoice list',
        commit('Typo', substitute('src/texts.json', 'Your invoices', 'Your Invoices')),
      ),
      author: P.guido,
      reviewers: [P.hana],
      createdAt: ago(8, 100),
      fork: true,
      firstContribution: true,
      approvals: [{ by: P.hana, at: ago(7, 900) }],
      end: { kind: 'merge', by: P.hana, at: ago(7, 890) },
    },
    {
      project: 'infrastructure',
      story: 'draft',
      change: change(
        'feat/eks',
        'Draft: move payments to EKS',
        commit('Start', write('eks/main.tf', 'resource "aws_eks_cluster" "main" {\n  name = "main"\n}\n')),
      ),
      author: P.mira,
      createdAt: ago(4, 50),
      draft: true,
      end: { kind: 'open' },
    },
    {
      project: 'payments-api',
      story: 'closed',
      change: change(
        'feat/legacy-api',
        'Bring back the old API',
        commit('Old API', write('src/legacy.ts', 'export const legacy = true;\n')),
      ),
      author: P.tomas,
      createdAt: ago(2, 600),
      end: { kind: 'close', by: P.priya, at: ago(2, 300) },
    },
    {
      project: 'customer-portal',
      story: 'pipeline-running',
      change: change(
        'feat/dark-mode',
        'Dark mode',
        commit('Colours', write('src/dark.css', ':root { color-scheme: dark; }\n')),
      ),
      author: P.didier,
      reviewers: [P.hana],
      createdAt: ago(0, 2),
      end: { kind: 'open' },
    },
    {
      project: 'detections',
      story: 'preparing',
      change: change(
        'rule/new',
        'Detection: new region in use',
        commit(
          'New region',
          write('rules/aws_new_region.py', 'def rule(event):\n    return event.get("awsRegion") not in KNOWN\n'),
        ),
      ),
      author: P.rafael,
      createdAt: ago(0, 0.1),
      preparing: true,
      end: { kind: 'open' },
    },
    {
      project: 'payments-api',
      story: 'green-after-merge',
      change: change(
        'fix/timeouts',
        'Shorter time-outs towards the bank',
        commit('Time-outs', append('src/limits.ts', '\nexport const bankTimeoutMs = 4_000;')),
      ),
      author: P.priya,
      reviewers: [P.tomas],
      createdAt: ago(2, 900),
      approvals: [{ by: P.tomas, at: ago(2, 820) }],
      mishaps: { 0: [{ job: 'contract tests', flavour: 'network', retriedAt: ago(2, 760) }] },
      end: { kind: 'merge', by: P.priya, at: ago(2, 800) },
    },
    {
      project: 'payments-api',
      story: 'child-pipeline-failed',
      change: change(
        'feat/smoke',
        'Smoke test checks the charge limit',
        commit('Smoke', append('src/limits.ts', '\nexport const smoke = true;')),
      ),
      author: P.tomas,
      reviewers: [P.priya],
      createdAt: ago(1, 500),
      approvals: [{ by: P.priya, at: ago(1, 400) }],
      afterMerge: [{ job: 'smoke test', flavour: 'smoke' }],
      end: { kind: 'merge', by: P.tomas, at: ago(1, 380) },
    },
    {
      project: 'payments-api',
      story: 'log-limit',
      change: change(
        'fix/verbose',
        'Verbose contract tests',
        commit('Verbose', append('src/refunds.ts', "\nexport const verbose = 'all';")),
      ),
      author: P.tomas,
      reviewers: [P.priya],
      createdAt: ago(9, 700),
      mishaps: { 0: [{ job: 'contract tests', flavour: 'log-limit' }] },
      laterPushes: [
        { at: ago(9, 600), commits: [commit('Quiet again', append('src/refunds.ts', "export const quiet = 'yes';"))] },
      ],
      approvals: [{ by: P.priya, at: ago(9, 500) }],
      end: { kind: 'merge', by: P.priya, at: ago(9, 490) },
    },
    {
      project: 'detections',
      story: 'debug-trace',
      change: change(
        'tune/debug',
        'Find out why the rule tests are slow',
        commit('Debug', append('README.md', '\nRule tests take a minute.')),
      ),
      author: P.aylin,
      reviewers: [P.rafael],
      createdAt: ago(4, 300),
      mishaps: { 0: [{ job: 'rule tests', flavour: 'pytest', debugTrace: true }] },
      end: { kind: 'close', by: P.aylin, at: ago(4, 200) },
    },
    {
      project: 'ledger-jobs',
      story: 'erased-log',
      change: change(
        'fix/token',
        'Use the vault for the bank token',
        commit('Vault', append('jobs/export.py', '\nTOKEN = "vault:bank/token"')),
      ),
      author: P.lucia,
      reviewers: [P.kwame],
      createdAt: ago(10, 300),
      mishaps: { 0: [{ job: 'pytest', flavour: 'pytest', erased: true }] },
      laterPushes: [
        { at: ago(10, 200), commits: [commit('Fix test', append('README.md', '\nThe bank token is in the vault.'))] },
      ],
      approvals: [{ by: P.kwame, at: ago(10, 150) }],
      end: { kind: 'merge', by: P.kwame, at: ago(10, 140) },
    },
    {
      project: 'customer-portal',
      story: 'diff-too-large',
      change: change(
        'chore/vendor-charts',
        'Vendor the chart library',
        commit('Vendor charts', write('public/vendor/charts.js', vendored())),
      ),
      author: P.didier,
      reviewers: [P.hana],
      createdAt: ago(12, 300),
      approvals: [{ by: P.hana, at: ago(12, 200) }],
      end: { kind: 'merge', by: P.hana, at: ago(12, 190) },
    },
    {
      project: 'payments-api',
      story: 'rename',
      change: change('chore/rename-test', 'Rename the refund test', {
        message: 'Rename',
        edits: [
          remove('test/refunds.test.ts'),
          write(
            'test/refund.test.ts',
            "import { expect, test } from 'vitest';\nimport { refund } from '../src/refunds';\n\ntest('a refund is negative', () => {\n  expect(refund(10)).toBe(-10);\n});\n",
          ),
        ],
      }),
      author: P.priya,
      reviewers: [P.tomas],
      createdAt: ago(14, 300),
      approvals: [{ by: P.tomas, at: ago(14, 250) }],
      squash: true,
      end: { kind: 'merge', by: P.tomas, at: ago(14, 240) },
    },
    {
      project: 'legacy-portal',
      story: 'archived-project',
      change: change(
        'chore/goodbye',
        'Say that this is archived',
        commit('Goodbye', append('README.md', '\nUse customer-portal.')),
      ),
      author: P.hana,
      reviewers: [P.didier],
      createdAt: ago(20, 300),
      approvals: [{ by: P.didier, at: ago(20, 250) }],
      end: { kind: 'merge', by: P.hana, at: ago(20, 240) },
    },
  ];
}

function change(branch: string, title: string, ...commits: CommitPlan[]): ChangePlan {
  return { branch, title, description: `Simulated: ${title.toLowerCase()}.`, labels: [], commits };
}

/** About 210 kB, over the size at which GitLab gives no diff at all. */
function vendored(): string {
  return Array.from(
    { length: 4200 },
    (_, line) => `export const chart${line} = (x) => x * ${line} + 0.${line}; // simulated\n`,
  ).join('');
}
