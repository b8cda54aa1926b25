/** One job as a CI file would define it. */
export interface JobShape {
  name: string;
  stage: string;
  /** Which log it writes. */
  script: string;
  seconds: [min: number, max: number];
  allowFailure?: true;
  manual?: true;
  /** Trigger job: starts the named shape in the same project, or in another project. */
  trigger?: { shape: string; project?: string; waits: boolean };
}

export interface PipelineShape {
  stages: string[];
  jobs: JobShape[];
}

function shape(stages: string, ...jobs: JobShape[]): PipelineShape {
  return { stages: stages.split(' '), jobs };
}

function job(
  stage: string,
  name: string,
  script: string,
  seconds: [number, number],
  extra: Partial<JobShape> = {},
): JobShape {
  return { stage, name, script, seconds, ...extra };
}

// Long enough that `terraform apply` runs 8 to 11 minutes after a merge, when the simulated CloudTrail shows its calls.
const tfValidate = [
  job('validate', 'fmt', 'terraform-fmt', [8, 20]),
  job('validate', 'validate', 'terraform-validate', [60, 90]),
  job('validate', 'tfsec', 'tfsec', [25, 60], { allowFailure: true }),
  job('plan', 'plan', 'terraform-plan', [300, 330]),
];

const node = [
  job('lint', 'eslint', 'npm-lint', [30, 70]),
  job('lint', 'types', 'npm-types', [35, 80]),
  job('test', 'unit tests', 'npm-test', [70, 190]),
  job('test', 'contract tests', 'npm-contract', [60, 150]),
  job('scan', 'secret-detection', 'secret-detection', [15, 40]),
  job('scan', 'dependency-audit', 'npm-audit', [15, 45], { allowFailure: true }),
];

const python = [job('lint', 'ruff', 'ruff', [8, 20]), job('test', 'pytest', 'pytest', [50, 140])];

const image = job('build', 'build image', 'docker-build', [90, 200]);

/** Pipelines by project (last part of its path) and kind. */
export const SHAPES: Record<string, PipelineShape> = {
  'infrastructure/merge-request': shape('validate plan', ...tfValidate),
  'infrastructure/main': shape(
    'validate plan deploy',
    ...tfValidate,
    job('deploy', 'apply production', 'bridge', [0, 0], { trigger: { shape: 'infrastructure/apply', waits: true } }),
  ),
  'infrastructure/apply': shape(
    'apply verify',
    job('apply', 'terraform apply', 'terraform-apply', [300, 330]),
    job('verify', 'drift check', 'terraform-drift', [30, 60]),
  ),
  'infrastructure/nightly': shape('validate plan', ...tfValidate),
  'payments-api/merge-request': shape('lint test scan build', ...node, image),
  'payments-api/main': shape(
    'lint test scan build deploy',
    ...node,
    image,
    job('deploy', 'deploy staging', 'bridge', [0, 0], { trigger: { shape: 'payments-api/deploy', waits: false } }),
    job('deploy', 'register image', 'bridge', [0, 0], {
      trigger: { shape: 'ci-templates/register', project: 'simulated-corp/platform/ci-templates', waits: false },
    }),
    job('deploy', 'deploy production', 'deploy', [60, 120], { manual: true }),
  ),
  'payments-api/deploy': shape(
    'deploy verify',
    job('deploy', 'rollout', 'deploy', [50, 120]),
    job('verify', 'smoke test', 'smoke', [20, 50]),
  ),
  'payments-api/broken': shape('none'),
  'payments-api/nightly': shape('lint test scan', ...node),
  'ci-templates/register': shape('register', job('register', 'register', 'deploy', [10, 20])),
  'customer-portal/merge-request': shape('lint test scan build', ...node.slice(0, 3), ...node.slice(4), image),
  'customer-portal/main': shape(
    'lint test scan build deploy',
    ...node.slice(0, 3),
    ...node.slice(4),
    image,
    job('deploy', 'deploy staging', 'deploy', [40, 90]),
    job('deploy', 'deploy production', 'deploy', [60, 120], { manual: true }),
  ),
  'customer-portal/nightly': shape('lint test scan', ...node.slice(0, 3), ...node.slice(4)),
  'ledger-jobs/merge-request': shape('lint test build', ...python, image),
  'ledger-jobs/main': shape(
    'lint test build deploy',
    ...python,
    image,
    job('deploy', 'update schedule', 'deploy', [20, 45]),
  ),
  'ledger-jobs/release': shape(
    'start check',
    job('start', 'tell detections', 'bridge', [0, 0], {
      trigger: { shape: 'detections/downstream', project: 'simulated-corp/security/detections', waits: false },
    }),
    job('start', 'schema check', 'bridge', [0, 0], {
      trigger: { shape: 'ledger-jobs/checks', waits: false },
    }),
    job('check', 'export check', 'pytest', [50, 140]),
  ),
  'ledger-jobs/checks': shape('check', job('check', 'schema', 'ruff', [8, 20])),
  'ledger-jobs/nightly': shape('lint test', ...python),
  'detections/merge-request': shape(
    'lint test',
    job('lint', 'ruff', 'ruff', [8, 20]),
    job('test', 'rule tests', 'rule-tests', [40, 90]),
  ),
  'detections/main': shape(
    'lint test deploy',
    job('lint', 'ruff', 'ruff', [8, 20]),
    job('test', 'rule tests', 'rule-tests', [40, 90]),
    job('deploy', 'upload rules', 'deploy', [20, 40]),
  ),
  'detections/downstream': shape(
    'test register',
    job('test', 'rule tests', 'rule-tests', [40, 90]),
    job('register', 'register rules', 'bridge', [0, 0], {
      trigger: { shape: 'ci-templates/register', project: 'simulated-corp/platform/ci-templates', waits: false },
    }),
  ),
  'detections/nightly': shape(
    'lint test',
    job('lint', 'ruff', 'ruff', [8, 20]),
    job('test', 'rule tests', 'rule-tests', [40, 90]),
  ),
  'legacy-portal/merge-request': shape('test', job('test', 'links', 'npm-test', [20, 40])),
  'legacy-portal/main': shape('test', job('test', 'links', 'npm-test', [20, 40])),
};
