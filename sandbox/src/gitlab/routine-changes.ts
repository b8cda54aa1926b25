import type { SeededRandom } from '../seeded-random';
import { append, commit, insertAfter, remove, substitute, write } from './edits';
import { setDependency } from './npm-files';
import type { ChangePlan } from './world';

/** Makes one everyday change; `n` is a running number that keeps names apart. */
export type Routine = (random: SeededRandom, n: number) => ChangePlan;

function plan(
  branch: string,
  title: string,
  labels: string[],
  description: string,
  ...commits: ChangePlan['commits']
): ChangePlan {
  return { branch, title, labels, description, commits };
}

const infrastructure: Routine[] = [
  (random, n) => {
    const name = random.pick(['reports', 'exports', 'receipts', 'archive', 'statements']);
    const lines = `\nresource "aws_s3_bucket" "${name}_${n}" {\n  bucket = "simulated-corp-${name}-${n}"\n}`;
    return plan(
      `feat/bucket-${name}-${n}`,
      `Add S3 bucket for ${name} (${n})`,
      ['terraform', 'storage'],
      `New bucket, requested in PLAT-${1000 + n}. Block public access comes from the account default.`,
      commit(`Add bucket for ${name}`, append('storage/buckets.tf', lines)),
    );
  },
  (random, n) => {
    const size = random.int(3, 9);
    return plan(
      `chore/payments-scaling-${n}`,
      `Scale payments to ${size} minimum tasks`,
      ['terraform', 'capacity'],
      'Month-end load. Reverted automatically by the scheduled policy.',
      commit(
        `payments_min_size = ${size}`,
        substitute(
          'environments/production.tfvars',
          /payments_min_size = .*/,
          `payments_min_size = ${size} # change ${n}`,
        ),
      ),
    );
  },
  (random, n) => {
    const port = random.pick([5432, 6379, 8443, 9200]);
    return plan(
      `feat/sg-${port}-${n}`,
      `Allow port ${port} from the application subnets`,
      ['terraform', 'network'],
      `Only from 10.20.0.0/16, see NET-${400 + n}.`,
      commit(
        `Security group: port ${port}`,
        insertAfter(
          'network/security-groups.tf',
          'vpc_id = aws_vpc.main.id',
          `\n  ingress {\n    description = "NET-${400 + n}"\n    from_port   = ${port}\n    to_port     = ${port}\n    protocol    = "tcp"\n    cidr_blocks = ["10.20.0.0/16"]\n  }`,
        ),
      ),
    );
  },
  (_random, n) =>
    plan(
      `chore/aws-provider-${n}`,
      `Update Terraform AWS provider to 6.${2 + n}.0`,
      ['dependencies'],
      'Release notes read; no resource of ours is affected.',
      commit(
        `AWS provider 6.${2 + n}.0`,
        substitute('.terraform.lock.hcl', /version {5}= ".*"/, `version     = "6.${2 + n}.0"`),
      ),
    ),
  (_random, n) =>
    plan(
      `feat/role-worker-${n}`,
      `Role for worker ${n}`,
      ['terraform', 'iam'],
      'Read-only access to its own queue.',
      commit(
        `IAM role for worker ${n}`,
        append(
          'iam/roles.tf',
          `\nresource "aws_iam_role" "worker_${n}" {\n  name               = "worker-${n}"\n  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json\n}`,
        ),
      ),
      commit('Describe the role', append('README.md', `\n- worker-${n}: reads its own queue only`)),
    ),
];

const service: Routine[] = [
  (random, n) => {
    const limit = random.int(6, 40) * 10;
    return plan(
      `feat/limit-${n}`,
      `Raise the charge limit to ${limit} a minute`,
      ['backend'],
      `Partner onboarding, PAY-${2000 + n}.`,
      commit(
        `Limit ${limit}/min`,
        substitute('src/limits.ts', /perMinute: .*/, `perMinute: ${limit}, // PAY-${2000 + n}`),
      ),
    );
  },
  (random, n) => {
    const field = random.pick(['currency', 'reference', 'merchantId', 'traceId', 'country']);
    return plan(
      `feat/charge-${field.toLowerCase()}-${n}`,
      `Return ${field} with a charge`,
      ['backend', 'api'],
      'Asked for by two partners.',
      commit(
        `charges: ${field}`,
        append('src/charges.ts', `\nexport const field${n} = '${field}';`),
        write(
          `test/charge-${field.toLowerCase()}-${n}.test.ts`,
          `import { expect, test } from 'vitest';\nimport { field${n} } from '../src/charges';\n\ntest('names the field', () => {\n  expect(field${n}).toBe('${field}');\n});\n`,
        ),
      ),
      commit(
        'Review: say why in the read-me',
        append('README.md', `\nCharges carry \`${field}\` since PAY-${2100 + n}.`),
      ),
    );
  },
  (_random, n) =>
    plan(
      `refactor/refunds-${n}`,
      `Refunds: split out rounding (${n})`,
      ['backend', 'tech debt'],
      'No change in behaviour.',
      commit('Round in one place', append('src/refunds.ts', `\nexport const rounding${n} = 'half-even';`)),
    ),
];

const web: Routine[] = [
  (random, n) => {
    const text = random.pick(['Nothing to pay today', 'No invoices yet', 'You are all set', 'All paid']);
    return plan(
      `feat/text-${n}`,
      `Friendlier text for an empty list (${n})`,
      ['frontend'],
      'Wording agreed with support.',
      commit('New wording', substitute('src/texts.json', /"empty": ".*"/, `"empty": "${text} (${n})"`)),
    );
  },
  (_random, n) =>
    plan(
      `feat/panel-${n}`,
      `Invoice panel ${n}`,
      ['frontend', 'ux'],
      'First of the new panels; behind a flag.',
      commit(
        `Panel ${n}`,
        write(`src/panel-${n}.tsx`, `export function Panel${n}() {\n  return <section>Panel ${n}</section>;\n}\n`),
      ),
      commit('Show it', insertAfter('src/app.tsx', 'import { Invoices }', `import { Panel${n} } from './panel-${n}';`)),
    ),
  (random, n) =>
    plan(
      `fix/table-${n}`,
      `Keep the table header visible (${n})`,
      ['frontend', 'bug'],
      `Fixes WEB-${random.int(100, 900)}.`,
      commit('Sticky header', append('src/invoices.tsx', `\nexport const stickyHeader${n} = true;`)),
    ),
];

const data: Routine[] = [
  (random, n) => {
    const name = random.pick(['fees', 'payouts', 'chargebacks', 'balances']);
    return plan(
      `feat/job-${name}-${n}`,
      `Daily job for ${name} (${n})`,
      ['data'],
      'Runs at 03:00 UTC.',
      commit(
        `Job ${name}`,
        write(
          `jobs/${name}_${n}.py`,
          `def ${name}(rows):\n    return [row for row in rows if row["kind"] == "${name}"]\n`,
        ),
      ),
    );
  },
  (random, n) => {
    const [name, version] = random.pick([
      ['pandas', `2.3.${n}`],
      ['pyarrow', `20.${n}.0`],
      ['boto3', `1.39.${n + 3}`],
    ] as const);
    return plan(
      `chore/${name}-${n}`,
      `Update ${name} to ${version}`,
      ['dependencies'],
      'Tests pass locally.',
      commit(`${name} ${version}`, substitute('requirements.txt', new RegExp(`${name}==.*`), `${name}==${version}`)),
    );
  },
  (_random, n) =>
    plan(
      `refactor/export-${n}`,
      `Move export settings (${n})`,
      ['data', 'tech debt'],
      'One file fewer to look into.',
      commit('Move', write(`jobs/settings_${n}.py`, 'BUCKET = "simulated-corp-ledger"\n')),
      commit(
        'Remove again, keep it in export.py',
        remove(`jobs/settings_${n}.py`),
        append('jobs/export.py', `\nRETENTION_${n} = 30`),
      ),
    ),
];

const soc: Routine[] = [
  (random, n) => {
    const name = random.pick([
      'console_login_no_mfa',
      'security_group_open',
      'kms_key_disabled',
      'guardduty_off',
      'bucket_public',
    ]);
    return plan(
      `rule/${name.replaceAll('_', '-')}-${n}`,
      `Detection: ${name.replaceAll('_', ' ')} (${n})`,
      ['detection'],
      'Tested against 30 days of simulated logs.',
      commit(
        `Add ${name}`,
        write(`rules/aws_${name}_${n}.py`, `def rule(event):\n    return event.get("eventName") == "${name}"\n`),
      ),
    );
  },
  (_random, n) =>
    plan(
      `tune/offices-${n}`,
      `Office addresses, update ${n}`,
      ['tuning'],
      'New line in one office.',
      commit('Offices', append('lookups/offices.csv', `Office ${n},203.0.113.${n % 250}/32`)),
    ),
];

/** Everyday changes by the last part of the project's path. */
export const ROUTINES: Record<string, Routine[]> = {
  infrastructure,
  'payments-api': service,
  'customer-portal': web,
  'ledger-jobs': data,
  detections: soc,
};

/** What the dependency bot opens: one package, one version. */
export function dependencyUpdate(random: SeededRandom, kind: 'service' | 'web', n: number): ChangePlan {
  const packages: readonly (readonly [name: string, major: number])[] =
    kind === 'service'
      ? [
          ['pino', 9],
          ['zod', 3],
          ['undici', 7],
          ['helmet', 8],
          ['bullmq', 5],
        ]
      : [
          ['vite', 7],
          ['zustand', 5],
          ['msw', 2],
          ['axios', 1],
          ['react-router', 7],
        ];
  const [name, base] = random.pick(packages);
  const version = `${base}.${20 + n}.${random.int(0, 4)}`;
  return plan(
    `renovate/${name}-${base}.x-${n}`,
    `Update dependency ${name} to ^${version}`,
    ['dependencies', 'renovate'],
    `This MR contains the following updates:\n\n| Package | Change |\n|---|---|\n| ${name} | \`^${base}.0.0\` -> \`^${version}\` |\n`,
    commit(`Update dependency ${name} to ^${version}`, ...setDependency(name, version)),
  );
}
