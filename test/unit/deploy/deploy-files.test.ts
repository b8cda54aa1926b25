import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { ConfigError, readConfig } from '../../../bridge/src/config';
import { secretNames } from '../../../bridge/src/credentials/secrets';
import { Metrics } from '../../../bridge/src/observing/metrics';

/** What we ship to run the product has to fit the product: settings that exist, counts that are made, secrets that are there. */
const deploy = resolve(__dirname, '..', '..', '..', 'deploy');
const text = (path: string) => readFileSync(join(deploy, path), 'utf8');

interface Service {
  image?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  networks?: string[];
  cap_drop?: string[];
  volumes?: string[];
  build?: { dockerfile: string };
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  networks: Record<string, { internal?: boolean } | null>;
}
const compose = parse(text('docker-compose.yml'), { merge: true }) as Compose;
const documents = (path: string) =>
  parseAllDocuments(text(path)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as {
      kind: string;
      metadata: { name: string };
      data?: Record<string, string>;
      stringData?: Record<string, string>;
      spec?: Record<string, unknown>;
    };
  });

/** Reads the settings as the bridge would, with every secret there. */
function problemsOf(environment: Record<string, string>): string[] {
  const filled: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const secret = /^(.*)_FILE$/.exec(name)?.[1];
    if (secret === undefined)
      filled[name] = value.replace(/\$\{(\w+)(?::-[^}]*)?\}/g, (_, key: string) => sample[key] ?? '');
    else if (secretNames.some((known) => known === secret)) filled[secret] = secretSamples[secret] ?? 'x'.repeat(40);
    else return [`${name} names a file for no secret`];
  }
  try {
    readConfig({ SOC_BRIDGE_HOST: '0.0.0.0', ...filled });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
const sample: Record<string, string> = {
  PUBLIC_NAME: 'bridge.example.com',
  N8N_NAME: 'n8n.example.com',
  PANTHER_API_URL: 'https://api.example.runpanther.net/public/graphql',
  GITLAB_URL: 'https://gitlab.com',
  SLACK_APPROVERS: 'S0123456789',
};
const secretSamples: Record<string, string> = { SOC_DATABASE_URL: 'postgres://soc:x@postgres:5432/soc' };

/** Every setting that the bridge's own source asks for. */
function knownSettings(): Set<string> {
  const names = new Set<string>();
  const source = resolve(deploy, '..', 'bridge', 'src');
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [name] of readFileSync(join(source, file), 'utf8').matchAll(
      /\b(?:SOC|PANTHER|GITLAB|SLACK|OKTA|MODEL|RESPONSE|N8N)_[A-Z0-9_]+\b/g,
    ))
      names.add(name);
  }
  return names;
}

describe('docker-compose.yml', () => {
  it('gives the bridge settings that exist and that it starts with', () => {
    const known = knownSettings();
    for (const name of ['bridge-1', 'bridge-2']) {
      const environment = compose.services[name]?.environment ?? {};
      expect(Object.keys(environment).filter((key) => !known.has(key.replace(/_FILE$/, '')))).toEqual([]);
      expect(problemsOf(environment)).toEqual([]);
    }
  });

  it('mounts every secret that a setting names, and names every secret that it mounts', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      const named = Object.entries(service.environment ?? {})
        .filter(([key]) => key.endsWith('_FILE'))
        .map(([, value]) => value.replace('/run/secrets/', ''));
      for (const secret of named) expect([name, service.secrets]).toEqual([name, expect.arrayContaining([secret])]);
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
    }
  });

  it('fills in every variable of the templates, and nothing of nginx itself', () => {
    const environment = compose.services.nginx?.environment ?? {};
    const filter = new RegExp(environment.NGINX_ENVSUBST_FILTER ?? '');
    for (const template of ['nginx/soc-bridge.conf.template', 'nginx/n8n.conf.template']) {
      const wanted = [...text(template).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
      expect(wanted.filter((name) => environment[name] === undefined || !filter.test(name))).toEqual([]);
    }
    expect(filter.test('host')).toBe(false);
  });

  it('keeps databases without a way out, and shares one network alone between who calls the bridge and the bridge', () => {
    expect(compose.networks.inside?.internal).toBe(true);
    for (const name of ['postgres', 'redis']) expect(compose.services[name]?.networks).toEqual(['inside']);
    const ofBridge = compose.services['bridge-1']?.networks ?? [];
    for (const name of ['nginx', 'n8n', 'n8n-worker'])
      expect(compose.services[name]?.networks?.filter((network) => ofBridge.includes(network))).toEqual(['inside']);
  });

  it('pins every image, gives no container more rights than it needs, and mounts files that exist', () => {
    for (const [name, { image, cap_drop, volumes }] of Object.entries(compose.services)) {
      expect(image).toMatch(/:v?\d+(\.\d+)*$/);
      if (/bridge|n8n|nginx/.test(name)) expect(cap_drop).toEqual(['ALL']);
      for (const volume of volumes ?? [])
        if (volume.startsWith('./')) expect(statSync(join(deploy, volume.split(':')[0] ?? '')).isFile()).toBe(true);
    }
  });

  it('runs the n8n that the tests run', () => {
    const { dependencies } = JSON.parse(
      readFileSync(resolve(deploy, '..', 'test', 'n8n-host', 'package.json'), 'utf8'),
    ) as {
      dependencies: Record<string, string>;
    };
    expect(text('docker/n8n.Dockerfile')).toContain(`FROM n8nio/n8n:${dependencies.n8n}\n`);
  });
});

describe('Kubernetes', () => {
  const bridge = documents('kubernetes/soc-bridge.yaml');
  const n8n = documents('kubernetes/n8n.yaml');
  interface Pod {
    containers: { env?: { name: string; value: string }[]; securityContext: object; image: string }[];
    securityContext: object;
    automountServiceAccountToken: boolean;
  }
  const podOf = ({ spec }: (typeof bridge)[number]) => {
    if (spec === undefined) throw new Error('a deployment without a spec');
    return (spec.template as { spec: Pod }).spec;
  };

  it('gives the bridge settings that exist and that it starts with', () => {
    const known = knownSettings();
    const data = bridge.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    const deployment = bridge.find(({ kind }) => kind === 'Deployment');
    const env = deployment === undefined ? [] : (podOf(deployment).containers[0]?.env ?? []);
    const environment = { ...data, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) };
    expect(Object.keys(environment).filter((key) => !known.has(key.replace(/_FILE$/, '')))).toEqual([]);
    expect(problemsOf(environment)).toEqual([]);
    const keys = Object.keys(bridge.find(({ kind }) => kind === 'Secret')?.stringData ?? {});
    expect(env.map(({ value }) => value.replace('/secrets/', '')).sort()).toEqual(keys.sort());
  });

  it('runs every pod as somebody without rights', () => {
    const deployments = [...bridge, ...n8n].filter(({ kind }) => kind === 'Deployment');
    expect(deployments.length).toBe(4);
    for (const deployment of deployments) {
      const pod = podOf(deployment);
      expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
      expect(pod.containers[0]).toMatchObject({
        image: expect.stringMatching(/:\d/),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      });
    }
  });

  it('ships no secret', () => {
    for (const { kind, stringData } of [...bridge, ...n8n])
      if (kind === 'Secret') expect(Object.values(stringData ?? {}).every((value) => value === '')).toBe(true);
  });
});

describe('Prometheus and Grafana', () => {
  /** Names in a query that are ours or the process's, without functions and labels. */
  const namesIn = (query: string) => query.match(/\b(?:mcp|soc|nodejs|process)_[a-z0-9_]+/g) ?? [];

  it('ask only for what the bridge counts', async () => {
    const made = await new Metrics('1').registry.metrics();
    const exists = (name: string) =>
      made.includes(`# TYPE ${name.replace(/_(?:bucket|count|sum)$/, '')} `) || made.includes(`# TYPE ${name} `);
    const rules = parse(text('prometheus/rules.yml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[] }[];
    };
    const dashboard = JSON.parse(text('grafana/soc-bridge.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const queries = [
      ...rules.groups.flatMap(({ rules: list }) => list.map(({ expr }) => expr)),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(queries.length).toBeGreaterThan(15);
    const missing = queries.flatMap(namesIn).filter((name) => !exists(name) && !/^mcp_method|_name$/.test(name));
    expect(missing).toEqual([]);
    for (const { annotations } of rules.groups.flatMap(({ rules: list }) => list))
      expect(annotations.description.length).toBeGreaterThan(20);
  });

  it('scrape the port that the bridges listen on', () => {
    const port = compose.services['bridge-1']?.environment?.SOC_METRICS_PORT;
    for (const name of ['bridge-1', 'bridge-2']) expect(text('prometheus/prometheus.yml')).toContain(`${name}:${port}`);
  });
});

describe('GitHub workflows', () => {
  const folder = resolve(deploy, '..', '.github', 'workflows');
  const workflows = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

  it('use actions by their commit, and may read by default', () => {
    for (const workflow of workflows) {
      const used = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
      expect(used.length).toBeGreaterThan(0);
      for (const action of used) expect(action).toMatch(/@[0-9a-f]{40}$/);
      expect((parse(workflow) as { permissions: object }).permissions).toEqual({ contents: 'read' });
    }
  });

  it('publish both packages with provenance and without a stored token', () => {
    const publish = workflows.find((workflow) => workflow.includes('npm publish'));
    expect(publish?.match(/npm publish --provenance/g)).toHaveLength(2);
    expect(publish).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN/);
  });
});
