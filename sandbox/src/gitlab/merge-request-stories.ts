import { SIMULATED_PEOPLE as P } from '../simulated-people';
import { append, commit, remove, substitute, write } from './edits';
import type { MergeRequestScript } from './scripts';
import type { ChangePlan, CommitPlan } from './world';

const MINUTE = 60_000;
const DAY = 24 * 60;

/** Who wrote, approved and merged, and files that are no plain text: what a reader of merge requests must tell apart. */
export function mergeRequestStories(now: Date): MergeRequestScript[] {
  const ago = (days: number, minutes = 0) => new Date(now.getTime() - (days * DAY + minutes) * MINUTE);
  return [
    {
      project: 'ledger-jobs',
      story: 'approver-committed',
      change: change('feat/holidays', 'Skip bank holidays', [
        commit('Holidays', write('jobs/holidays.py', 'HOLIDAYS = ["2026-12-25"]\n')),
        { ...commit('Add the second day', append('jobs/holidays.py', 'HOLIDAYS.append("2026-12-26")')), by: P.lucia },
      ]),
      author: P.kwame,
      reviewers: [P.lucia],
      createdAt: ago(11, 500),
      approvals: [{ by: P.lucia, at: ago(11, 420) }],
      end: { kind: 'merge', by: P.lucia, at: ago(11, 400) },
    },
    {
      project: 'ledger-jobs',
      story: 'no-pipeline',
      change: change('docs/runbook', 'Runbook for the daily close', [
        commit('Runbook [skip ci]', write('docs/close.md', '# Daily close\n\nSimulated.\n')),
      ]),
      author: P.kwame,
      reviewers: [P.lucia],
      createdAt: ago(13, 300),
      approvals: [{ by: P.lucia, at: ago(13, 260) }],
      noPipeline: true,
      end: { kind: 'merge', by: P.lucia, at: ago(13, 250) },
    },
    {
      project: 'detections',
      story: 'not-plain-files',
      change: {
        ...change('chore/assets', 'Logo, rule pack and a script that may run', [
          commit(
            'Assets',
            write('assets/logo.png', '\u0089PNG\r\n\u0000\u0000\u0000\rIHDR simulated\n'),
            write('vendor/rule-pack', `Subproject commit ${'5'.repeat(40)}\n`),
            write('assets/.gitkeep', ''),
            write('rules/latest.py', 'aws_root_login.py\n'),
          ),
        ]),
        modes: { 'README.md': ['100644', '100755'], 'rules/latest.py': ['0', '120000'] },
      },
      author: P.aylin,
      reviewers: [P.eva],
      createdAt: ago(15, 300),
      approvals: [{ by: P.eva, at: ago(15, 260) }],
      end: { kind: 'merge', by: P.eva, at: ago(15, 250) },
    },
    {
      project: 'detections',
      story: 'submodule-bump',
      change: change('chore/rule-pack', 'Newer rule pack', [
        commit('Bump', write('vendor/rule-pack', `Subproject commit ${'6'.repeat(40)}\n`)),
      ]),
      author: P.rafael,
      reviewers: [P.eva],
      createdAt: ago(14, 300),
      approvals: [{ by: P.eva, at: ago(14, 260) }],
      // The same moment as another one: times alone do not put merge requests in order.
      end: { kind: 'merge', by: P.eva, at: ago(13, 250) },
    },
    {
      project: 'customer-portal',
      story: 'rename-and-rewrite',
      change: change('chore/move-texts', 'Move and translate the texts', [
        commit(
          'Move',
          remove('src/texts.json'),
          write(
            'src/i18n/en.json',
            `{\n${lines(900, (n) => `  "text.${n}": "Simulated sentence number ${n}"`, ',\n')}\n}\n`,
          ),
        ),
      ]),
      author: P.didier,
      reviewers: [P.hana],
      createdAt: ago(0, 90),
      end: { kind: 'open' },
    },
    {
      project: 'customer-portal',
      story: 'fork-with-lockfile',
      change: change('patch-2', 'Newer chart library', [
        commit(
          'Charts',
          write(
            'charts.lock',
            lines(600, (n) => `chart-${n}@${n}.0.0 sha512-simulated-${n * 7919}\n`, ''),
          ),
        ),
        commit('More', substitute('charts.lock', 'chart-5@5.0.0', 'chart-5@5.0.1')),
      ]),
      author: P.guido,
      reviewers: [P.hana],
      createdAt: ago(0, 120),
      fork: true,
      end: { kind: 'open' },
    },
    {
      project: 'legacy-portal',
      story: 'thousand-files',
      change: change('chore/import', 'Import the old pages', [
        commit(
          'Import',
          ...Array.from({ length: 1_020 }, (_, n) =>
            write(`pages/${String(n).padStart(4, '0')}.html`, `<p>${n}</p>\n`),
          ),
        ),
      ]),
      author: P.hana,
      reviewers: [P.didier],
      createdAt: ago(25, 300),
      approvals: [{ by: P.didier, at: ago(25, 250) }],
      end: { kind: 'merge', by: P.hana, at: ago(25, 240) },
    },
  ];
}

function change(branch: string, title: string, commits: CommitPlan[]): ChangePlan {
  return { branch, title, description: `Simulated: ${title.toLowerCase()}.`, labels: [], commits };
}

function lines(count: number, line: (n: number) => string, separator: string): string {
  return Array.from({ length: count }, (_, n) => line(n)).join(separator);
}
