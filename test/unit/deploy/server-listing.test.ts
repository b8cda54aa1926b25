import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../../bridge/src/config';
import { isSecretName } from '../../../bridge/src/credentials/secrets';
import { bundleManifest, registryEntry } from '../../../scripts/server-listing.mjs';

/** What the registry and desktop clients are told of the bridge has to be true of it. That server.json is up to date is checked with the docs. */
const bridge = JSON.parse(readFileSync(resolve(__dirname, '../../../bridge/package.json'), 'utf8'));
const entry = registryEntry(bridge);
const manifest = bundleManifest(bridge);

/** The parts of the registry's schema of 2025-12-11 that this entry uses, with its limits; whatever else is in it is a mistake. */
const input = z.strictObject({
  name: z.string().regex(/^[A-Z_]+$/),
  description: z.string(),
  isRequired: z.boolean(),
  isSecret: z.boolean(),
  default: z.string().optional(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
});
const schema = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  repository: z.strictObject({ url: z.string().url(), source: z.string(), subfolder: z.string().regex(/^[\w-]+$/) }),
  version: z
    .string()
    .max(255)
    .regex(/^\d+\.\d+\.\d+$/),
  packages: z
    .array(
      z.strictObject({
        registryType: z.literal('npm'),
        identifier: z.string(),
        version: z.string().regex(/^\d+\.\d+\.\d+$/),
        runtimeHint: z.literal('npx'),
        transport: z.strictObject({ type: z.literal('stdio') }),
        packageArguments: z.array(z.strictObject({ type: z.literal('positional'), value: z.string() })),
        environmentVariables: z.array(input),
      }),
    )
    .length(1),
});

it('server.json keeps to the schema, and names the package as the package names itself', () => {
  expect(schema.parse(entry)).toEqual(entry);
  expect(entry.name).toBe(bridge.mcpName);
  expect(entry.packages[0]).toMatchObject({ identifier: bridge.name, version: bridge.version });
});

it('what is a secret of the bridge is one in both', () => {
  const environment: Record<string, string> = manifest.server.mcp_config.env;
  const asked = manifest.user_config as Record<string, { sensitive?: boolean }>;
  for (const { name, isSecret } of entry.packages[0]?.environmentVariables ?? []) {
    expect({ name, isSecret }).toEqual({ name, isSecret: isSecretName(name) });
    const key = /^\$\{user_config\.(\w+)\}$/.exec(environment[name] ?? '')?.[1] ?? '';
    expect({ name, sensitive: asked[key]?.sensitive ?? false }).toEqual({ name, sensitive: isSecretName(name) });
  }
  expect(Object.keys(asked)).toHaveLength(entry.packages[0]?.environmentVariables.length ?? 0);
});

it('the bridge starts with what stands there by default, and reads each setting', () => {
  const variables = entry.packages[0]?.environmentVariables ?? [];
  const defaults = Object.fromEntries(variables.flatMap(({ name, default: value }) => (value ? [[name, value]] : [])));
  expect(() => readConfig(defaults)).not.toThrow();
  const given = {
    PANTHER_API_URL: 'https://api.simulated.example',
    PANTHER_API_TOKEN: 'simulated',
    SOC_READ_ONLY: 'true',
  };
  const services = {
    GITLAB_URL: 'https://gitlab.simulated.example',
    GITLAB_TOKEN: 'simulated',
    SLACK_BOT_TOKEN: 'xoxb-simulated',
  };
  expect(Object.keys({ ...given, ...services }).sort()).toEqual(variables.map(({ name }) => name).sort());
  const config = readConfig({ ...given, ...services });
  expect(Object.values(config.services).filter((service) => 'missing' in service)).toHaveLength(
    Object.keys(config.services).length - 3,
  );
  expect(config.tools.readOnly).toBe(true);
});
