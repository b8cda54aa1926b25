import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { resourceValue } from '../../nodes-host/wording';
import { camelCase } from '../../operations/operation';
import { operations } from '../../operations/registry';
import { ensureBuilt } from '../../scripts/stack/package-build.mjs';

const root = resolve(__dirname, '../..');
const legs = ['source', 'dist'] as const;
const rules = ['scanner', 'newest'] as const;

async function scan(folder: string, leg: (typeof legs)[number], rule: (typeof rules)[number]) {
  const script = join(root, 'test/support/scan-package.mjs');
  // jest's NODE_ENV makes eslint-plugin-n8n-nodes-base take every file for one of its own fixtures.
  const { NODE_ENV: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder, leg, rule], {
    cwd: root,
    env,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as { passed: boolean; details: string };
}

describe('the published package', () => {
  let workplace: string;
  /** The tarball as npm would unpack it. */
  let unpacked: string;
  let files: string[];

  beforeAll(async () => {
    const { tarball } = await ensureBuilt();
    workplace = realpathSync(mkdtempSync(join(tmpdir(), 'soc-package-')));
    execFileSync('tar', ['-xzf', tarball, '-C', workplace]);
    unpacked = join(workplace, 'package');
    files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
      .split('\n')
      .filter((path) => path !== '' && !path.endsWith('/'))
      .map((path) => path.replace(/^package\//, ''));
    // What n8n supplies to a package, and nothing else.
    mkdirSync(join(workplace, 'node_modules'));
    symlinkSync(join(root, 'node_modules/n8n-workflow'), join(workplace, 'node_modules/n8n-workflow'));
  }, 180_000);
  afterAll(() => rmSync(workplace, { recursive: true, force: true }));

  const manifest = () =>
    JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Record<string, unknown> & {
      n8n: { nodes: string[]; credentials: string[] };
    };
  const registered = () => [...manifest().n8n.nodes, ...manifest().n8n.credentials];
  const scripts = () => files.filter((path) => path.endsWith('.js'));

  it.each(rules)("passes n8n's scan of its source, with the rules of the %s plugin", async (rule) => {
    expect(await scan(root, 'source', rule)).toEqual({ passed: true, details: '' });
  });

  it.each(rules)("passes n8n's scan of what is published, with the rules of the %s plugin", async (rule) => {
    expect(await scan(unpacked, 'dist', rule)).toEqual({ passed: true, details: '' });
  });

  it.each(rules)('would not pass with what n8n forbids in it: the scan with the %s plugin sees it', async (rule) => {
    const broken = join(workplace, `broken-${rule}`);
    mkdirSync(join(broken, 'dist'), { recursive: true });
    writeFileSync(join(broken, 'package.json'), JSON.stringify({ ...manifest(), dependencies: { axios: '1.0.0' } }));
    writeFileSync(
      join(broken, 'dist/x.js'),
      'const fs = require("fs"); setTimeout(() => console.log(process.env.HOME, globalThis, fs), 1);',
    );
    const { passed, details } = await scan(broken, 'dist', rule);
    expect(passed).toBe(false);
    for (const rule of ['no-restricted-imports', 'no-restricted-globals', 'no-console', 'no-runtime-dependencies']) {
      expect(details).toContain(rule);
    }
  });

  it('has no dependencies and no install scripts', () => {
    const {
      dependencies,
      optionalDependencies,
      bundledDependencies,
      bundleDependencies,
      scripts: npmScripts,
    } = manifest();
    expect({ dependencies, optionalDependencies, bundledDependencies, bundleDependencies }).toEqual({});
    expect(Object.keys(npmScripts as object)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?(install|pack|prepare)$/)]),
    );
  });

  it('holds only the compiled package and its papers', () => {
    const others = files.filter((path) => !path.startsWith('dist/'));
    expect(others.filter((path) => !['package.json', 'README.md', 'LICENSE', 'NOTICE'].includes(path))).toEqual([]);
    expect(files.filter((path) => /\.(ts|map|test\.js)$/.test(path))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/THIRD-PARTY-LICENCES.txt']));
  });

  it('requires nothing but n8n-workflow, crypto and its own files', () => {
    const wrong = scripts().flatMap((file) =>
      ts
        .preProcessFile(readFileSync(join(unpacked, file), 'utf8'), true, true)
        .importedFiles.map(({ fileName }) => ({ file, required: fileName }))
        .filter(
          ({ required }) =>
            !['n8n-workflow', 'crypto', 'node:crypto'].includes(required) &&
            !(required.startsWith('.') && existsSync(join(unpacked, dirname(file), required))),
        ),
    );
    expect(wrong).toEqual([]);
    expect(scripts().length).toBe(registered().length + 1);
  });

  it('gives n8n every registered node and credential, with its icons and codex, in a plain Node process', () => {
    const script = `
      const described = process.argv.slice(1).map((file) => {
        const name = file.split('/').pop().split('.')[0];
        const made = new (require(file)[name])();
        return { name, type: made.description?.name ?? made.name, icon: made.description?.icon ?? made.icon };
      });
      console.log(JSON.stringify(described));`;
    const paths = registered().map((path) => join(unpacked, path));
    const output = execFileSync(process.execPath, ['-e', script, ...paths], { cwd: unpacked, encoding: 'utf8' });
    const described = JSON.parse(output) as { name: string; type: string; icon: { light: string; dark: string } }[];
    expect(described.map(({ type }) => type)).toEqual([
      'pantherSiem',
      'pantherSiemTrigger',
      'pantherSiemPollingTrigger',
      'gitLabSoc',
      'socSlack',
      'socSlackTrigger',
      'socInvestigation',
      'pantherApi',
      'pantherWebhookApi',
      'gitLabSocApi',
      'socSlackApi',
      'socBridgeApi',
    ]);
    for (const [index, { icon }] of described.entries()) {
      for (const theme of [icon.light, icon.dark]) {
        expect(existsSync(join(dirname(paths[index] ?? ''), theme.replace(/^file:/, '')))).toBe(true);
      }
    }
    for (const path of manifest().n8n.nodes) {
      const codex = JSON.parse(readFileSync(join(unpacked, path.replace(/\.js$/, '.json')), 'utf8')) as {
        node: string;
      };
      expect(described.map(({ type }) => `n8n-nodes-soc.${type}`)).toContain(codex.node);
    }
  });

  it('has the output schema of every operation where n8n looks for it', () => {
    const folders = {
      panther: 'PantherSiem',
      gitlab: 'GitLabSoc',
      slack: 'SocSlack',
      investigation: 'SocInvestigation',
      analytics: 'SocInvestigation',
      compliance: 'SocInvestigation',
      response: 'SocInvestigation',
    };
    for (const { toolset, resource, name, output } of operations) {
      const file = `dist/nodes/${folders[toolset]}/__schema__/v1.0.0/${resourceValue(resource)}/${camelCase(name)}.json`;
      expect(files).toContain(file);
      const schema = JSON.parse(readFileSync(join(unpacked, file), 'utf8')) as { type: string; properties: object };
      expect(schema.type).toBe('object');
      expect(Object.keys(schema.properties)).toEqual(Object.keys(output.shape));
    }
    const waiting = readFileSync(
      join(unpacked, 'dist/nodes/SocSlack/__schema__/v1.0.0/approval/sendAndWait.json'),
      'utf8',
    );
    expect(JSON.parse(waiting)).toMatchObject({
      type: 'object',
      properties: { status: {}, approved: {}, decided_by: {} },
    });
  });
});
