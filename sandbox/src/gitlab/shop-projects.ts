import { SIMULATED_PEOPLE as P } from '../simulated-people';
import { npmFiles } from './npm-files';
import { projectMaker, ROOT_GROUP } from './projects';
import type { Group, Project } from './world';

export const SHOP_GROUP: Group = {
  id: 15,
  path: `${ROOT_GROUP}/shop`,
  name: 'Shop',
  description: 'Simulated: where the supply-chain stories happen',
  parentId: 10,
};

const CHECKOUT_CI = [
  'image: python:3.13.5-slim@sha256:5f1f5f4d6f2d0f6a6b3c1d9f0f5c1a7b8e2d4c6a9b0e1f2a3b4c5d6e7f8a9b0c',
  '',
  'include:',
  '  - project: simulated-corp/platform/ci-templates',
  '    ref: 7d5c1f0f3b1b4c9db8d8ad0e6f4d7e7a3c1b2a90',
  '    file: /python.yml',
  '',
  'stages: [lint, test, scan, build, deploy]',
  '',
  'dependency_scan:',
  '  stage: scan',
  '  script: scan-dependencies --fail-on high',
  '',
].join('\n');

const files: Record<string, [path: string, content: string][]> = {
  storefront: [
    ['README.md', '# Storefront (simulated)\n'],
    ['CODEOWNERS', '* @hana.sato @didier.moreau\n/package-lock.json @hana.sato\n'],
    ['.npmrc', 'registry=https://npm.simulated.example/\n'],
    ['.gitlab-ci.yml', 'image: node:22.16.0-bookworm\n\nstages: [lint, test, scan, build, deploy]\n'],
    ...npmFiles('storefront', 'web'),
    ['src/cart.ts', 'export const cart: string[] = [];\n'],
  ],
  checkout: [
    ['README.md', '# Checkout (simulated)\n'],
    ['.gitlab-ci.yml', CHECKOUT_CI],
    ['requirements.txt', 'boto3==1.39.3\nhttpx==0.28.1\npydantic==2.11.7\nrequests==2.32.4\n'],
    ['Dockerfile', 'FROM python:3.13.5-slim\nCOPY . /app\nRUN pip install --no-cache-dir -r /app/requirements.txt\n'],
    [
      '.gitmodules',
      '[submodule "vendor/tax-tables"]\n\tpath = vendor/tax-tables\n\turl = https://gitlab.simulated-corp.example/simulated-corp/shop/tax-tables.git\n',
    ],
    ['vendor/tax-tables', `Subproject commit ${'7'.repeat(40)}\n`],
    ['checkout/total.py', 'def total(lines):\n    return sum(line["cents"] for line in lines)\n'],
  ],
};

export function createShopProjects(now: Date): Project[] {
  const project = projectMaker(now, [SHOP_GROUP], files);
  const common = { approvalsRequired: 1, squash: false, instanceRunners: true };
  return [
    project(109, `${SHOP_GROUP.path}/storefront`, 'Storefront', 'what shoppers see', {
      ...common,
      pipelinesLike: 'customer-portal',
      maintainers: [P.hana, P.didier],
    }),
    project(110, `${SHOP_GROUP.path}/checkout`, 'Checkout', 'takes orders', {
      ...common,
      squash: true,
      pipelinesLike: 'ledger-jobs',
      maintainers: [P.lucia, P.kwame],
    }),
  ];
}
