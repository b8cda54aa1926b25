import { npmFiles } from './npm-files';

/** The account every simulated change is about; the number AWS uses in its own documentation. */
export const SIMULATED_AWS_ACCOUNT = '111122223333';

const infrastructure: [string, string][] = [
  ['README.md', '# Infrastructure (simulated)\n\nTerraform for the AWS accounts of the invented Simulated Corp.\n'],
  ['CODEOWNERS', '* @mira.okafor @jonas.lindqvist\n/iam/ @mira.okafor @eva.novak\n'],
  [
    '.gitlab-ci.yml',
    'image: registry.simulated-corp.example/ci/terraform:1.13.3\n\nstages: [validate, plan, deploy]\n\nfmt:\n  stage: validate\n  script: terraform fmt -check -recursive\n\nvalidate:\n  stage: validate\n  script: terraform validate\n\ntfsec:\n  stage: validate\n  allow_failure: true\n  script: tfsec .\n\nplan:\n  stage: plan\n  script: terraform plan -out=plan.bin\n\napply production:\n  stage: deploy\n  rules: [{ if: $CI_COMMIT_BRANCH == "main" }]\n  trigger: { include: ci/apply.yml, strategy: depend }\n',
  ],
  ['ci/apply.yml', 'terraform apply:\n  tags: [infra-production]\n  script: terraform apply -auto-approve plan.bin\n'],
  [
    '.terraform.lock.hcl',
    'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "6.2.0"\n  constraints = "~> 6.0"\n  hashes = [\n    "h1:simulated0000000000000000000000000000000000=",\n  ]\n}\n',
  ],
  [
    'main.tf',
    'terraform {\n  required_version = ">= 1.12"\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 6.0" }\n  }\n}\n\nprovider "aws" {\n  region = var.region\n}\n',
  ],
  [
    'variables.tf',
    'variable "region" {\n  type    = string\n  default = "eu-west-1"\n}\n\nvariable "environment" {\n  type = string\n}\n',
  ],
  [
    'iam/ci.tf',
    `resource "aws_iam_user" "ci_deploy" {\n  name = "svc-ci-deploy"\n}\n\nresource "aws_iam_access_key" "ci_deploy_2026_08" {\n  user = aws_iam_user.ci_deploy.name\n}\n\nresource "aws_iam_user_policy_attachment" "ci_deploy" {\n  user       = aws_iam_user.ci_deploy.name\n  policy_arn = "arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:policy/ci-deploy"\n}\n`,
  ],
  [
    'iam/roles.tf',
    'resource "aws_iam_role" "payments_api" {\n  name               = "payments-api"\n  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json\n}\n',
  ],
  [
    'network/security-groups.tf',
    'resource "aws_security_group" "payments_api" {\n  name   = "payments-api"\n  vpc_id = aws_vpc.main.id\n\n  ingress {\n    from_port   = 443\n    to_port     = 443\n    protocol    = "tcp"\n    cidr_blocks = ["10.20.0.0/16"]\n  }\n}\n',
  ],
  [
    'storage/buckets.tf',
    'resource "aws_s3_bucket" "ledger" {\n  bucket = "simulated-corp-ledger"\n}\n\nresource "aws_s3_bucket" "logs" {\n  bucket = "simulated-corp-logs"\n}\n',
  ],
  [
    'audit/cloudtrail.tf',
    'resource "aws_cloudtrail" "organisation" {\n  name                       = "simulated-org-trail"\n  s3_bucket_name             = aws_s3_bucket.logs.id\n  is_multi_region_trail      = true\n  enable_log_file_validation = true\n}\n',
  ],
  [
    'database/payments.tf',
    'resource "aws_db_instance" "payments" {\n  identifier     = "payments"\n  engine         = "postgres"\n  engine_version = "17.4"\n  instance_class = "db.r7g.large"\n}\n',
  ],
  [
    'environments/production.tfvars',
    'environment       = "production"\npayments_min_size = 4\npayments_max_size = 12\n',
  ],
];

const paymentsApi: [string, string][] = [
  ['README.md', '# Payments API (simulated)\n'],
  ['CODEOWNERS', '* @priya.nair @tomas.becker\n'],
  ['.npmrc', 'registry=https://npm.simulated.example/\n'],
  [
    '.gitlab-ci.yml',
    'image: node:22.16.0-bookworm\n\ninclude:\n  - project: simulated-corp/platform/ci-templates\n    ref: 7d5c1f0f3b1b4c9db8d8ad0e6f4d7e7a3c1b2a90\n    file: /node.yml\n\nstages: [lint, test, scan, build, deploy]\n',
  ],
  [
    'Dockerfile',
    'FROM node:22.16.0-bookworm-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nUSER node\nCMD ["node", "dist/server.js"]\n',
  ],
  ...npmFiles('payments-api', 'service'),
  [
    'src/server.ts',
    "import express from 'express';\nimport { charges } from './charges';\n\nconst app = express();\napp.use('/charges', charges);\napp.listen(8080);\n",
  ],
  [
    'src/charges.ts',
    "import { Router } from 'express';\n\nexport const charges = Router();\n\ncharges.post('/', async (request, response) => {\n  response.status(201).json({ id: request.body.id });\n});\n",
  ],
  ['src/refunds.ts', 'export function refund(amount: number): number {\n  return -Math.abs(amount);\n}\n'],
  ['src/limits.ts', 'export const limits = {\n  perMinute: 120,\n  maxAmountCents: 500_000,\n};\n'],
  [
    'test/refunds.test.ts',
    "import { expect, test } from 'vitest';\nimport { refund } from '../src/refunds';\n\ntest('a refund is negative', () => {\n  expect(refund(10)).toBe(-10);\n});\n",
  ],
];

const customerPortal: [string, string][] = [
  ['README.md', '# Customer portal (simulated)\n'],
  ['.gitlab-ci.yml', 'image: node:22.16.0-bookworm\n\nstages: [lint, test, scan, build, deploy]\n'],
  ['Dockerfile', 'FROM nginx:1.29.0-alpine\nCOPY dist /usr/share/nginx/html\n'],
  ...npmFiles('customer-portal', 'web'),
  [
    'src/main.tsx',
    "import { createRoot } from 'react-dom/client';\nimport { App } from './app';\n\ncreateRoot(document.body).render(<App />);\n",
  ],
  ['src/app.tsx', "import { Invoices } from './invoices';\n\nexport function App() {\n  return <Invoices />;\n}\n"],
  ['src/invoices.tsx', 'export function Invoices() {\n  return <table aria-label="Invoices" />;\n}\n'],
  ['src/texts.json', '{\n  "title": "Your invoices",\n  "empty": "Nothing here yet"\n}\n'],
];

const ledgerJobs: [string, string][] = [
  ['README.md', '# Ledger jobs (simulated)\n'],
  ['.gitlab-ci.yml', 'image: python:3.13.5-slim\n\nstages: [lint, test, build, deploy]\n'],
  ['requirements.txt', 'boto3==1.39.3\npandas==2.3.0\npsycopg==3.2.9\npyarrow==20.0.0\nrequests==2.32.4\n'],
  ['pyproject.toml', '[project]\nname = "ledger-jobs"\nversion = "1.0.0"\nrequires-python = ">=3.13"\n'],
  ['Dockerfile', 'FROM python:3.13.5-slim\nCOPY . /app\nRUN pip install --no-cache-dir -r /app/requirements.txt\n'],
  [
    'jobs/close_day.py',
    'def close_day(entries):\n    """Sum of one day, in cents."""\n    return sum(entry["cents"] for entry in entries)\n',
  ],
  ['jobs/export.py', 'BUCKET = "simulated-corp-ledger"\n\n\ndef key(day):\n    return f"daily/{day}.parquet"\n'],
  [
    'tests/test_close_day.py',
    'from jobs.close_day import close_day\n\n\ndef test_sum():\n    assert close_day([{"cents": 2}, {"cents": 3}]) == 5\n',
  ],
];

const detections: [string, string][] = [
  ['README.md', '# Detections (simulated)\n'],
  ['.gitlab-ci.yml', 'image: python:3.13.5-slim\n\nstages: [lint, test, deploy]\n'],
  [
    'rules/aws_root_login.py',
    'def rule(event):\n    return event.get("eventName") == "ConsoleLogin" and event.deep_get("userIdentity", "type") == "Root"\n',
  ],
  [
    'rules/aws_access_key_created.py',
    'ALLOWED = {"svc-ci-deploy"}\n\n\ndef rule(event):\n    return event.get("eventName") == "CreateAccessKey"\n',
  ],
  [
    'rules/aws_cloudtrail_stopped.py',
    'def rule(event):\n    return event.get("eventName") in {"StopLogging", "DeleteTrail"}\n',
  ],
  ['lookups/offices.csv', 'office,cidr\nDublin,198.51.100.0/25\nOslo,198.51.100.128/25\n'],
];

const legacyPortal: [string, string][] = [
  ['README.md', '# Legacy portal (simulated, archived)\n'],
  ['index.html', '<!doctype html><title>Legacy portal</title>\n'],
];

/** The first commit of each project, by the last part of its path. */
export const SEED_FILES: Record<string, [path: string, content: string][]> = {
  infrastructure,
  'payments-api': paymentsApi,
  'customer-portal': customerPortal,
  'ledger-jobs': ledgerJobs,
  detections,
  'legacy-portal': legacyPortal,
  'ci-templates': [['README.md', '# CI templates (simulated, not visible to the token)\n']],
};
