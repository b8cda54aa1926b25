/** What a person is asked for before the first start, wherever the bridge is listed. */
const settings = [
  {
    variable: 'PANTHER_API_URL',
    key: 'panther_api_url',
    title: 'Panther API address',
    description: "Panther's API address, such as https://api.example.runpanther.net",
  },
  {
    variable: 'PANTHER_API_TOKEN',
    key: 'panther_api_token',
    title: 'Panther API token',
    description: 'API token of Panther; its permissions decide what the tools may do',
    secret: true,
  },
  {
    variable: 'GITLAB_URL',
    key: 'gitlab_url',
    title: 'GitLab address',
    description: 'Address of GitLab',
    preset: 'https://gitlab.com',
  },
  {
    variable: 'GITLAB_TOKEN',
    key: 'gitlab_token',
    title: 'GitLab token',
    description: 'Access token of GitLab with the scope read_api',
    secret: true,
  },
  {
    variable: 'SLACK_BOT_TOKEN',
    key: 'slack_bot_token',
    title: 'Slack bot token',
    description: 'Bot token of the Slack app (xoxb-...)',
    secret: true,
  },
  {
    variable: 'SOC_READ_ONLY',
    key: 'read_only',
    title: 'Read only',
    description: 'Offer no tool that changes anything',
    preset: false,
  },
];

/**
 * The manifest of the bundle that desktop clients install with one click (MCPB 0.3). Secrets are asked for by the client,
 * which keeps them; what is left empty stays off.
 * @param {{ name: string, version: string, description: string, license: string, homepage: string, author: object,
 *   keywords: string[], engines: { node: string } }} bridge its package.json
 */
export function bundleManifest(bridge) {
  return {
    manifest_version: '0.3',
    name: bridge.name,
    display_name: 'SOC bridge',
    version: bridge.version,
    description: bridge.description,
    author: bridge.author,
    homepage: bridge.homepage,
    license: bridge.license,
    keywords: bridge.keywords,
    server: {
      type: 'node',
      entry_point: 'server/soc-bridge.js',
      mcp_config: {
        command: 'node',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the client fills it in
        args: ['${__dirname}/server/soc-bridge.js', 'stdio'],
        env: {
          ...Object.fromEntries(settings.map(({ variable, key }) => [variable, `\${user_config.${key}}`])),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the client fills it in
          SOC_DATABASE_URL: 'sqlite:${HOME}/soc-bridge.db',
        },
      },
    },
    tools_generated: true,
    prompts_generated: true,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: bridge.engines.node } },
    user_config: Object.fromEntries(
      settings.map(({ key, title, description, secret, preset = '' }) => [
        key,
        {
          type: typeof preset === 'boolean' ? 'boolean' : 'string',
          title,
          description,
          required: false,
          default: preset,
          ...(secret ? { sensitive: true } : {}),
        },
      ]),
    ),
  };
}

/**
 * The entry for the MCP registry (`server.json`, schema of 2025-12-11). The registry compares its name with `mcpName` of the
 * published package.
 */
export function registryEntry(bridge) {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: bridge.mcpName,
    title: 'SOC bridge',
    description: 'SOC operations over Panther, GitLab and Slack, with a durable record of every investigation.',
    repository: {
      url: bridge.repository.url.replace(/^git\+|\.git$/g, ''),
      source: 'github',
      subfolder: bridge.repository.directory,
    },
    version: bridge.version,
    packages: [
      {
        registryType: 'npm',
        identifier: bridge.name,
        version: bridge.version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        packageArguments: [{ type: 'positional', value: 'stdio' }],
        environmentVariables: settings.map(({ variable, description, secret, preset }) => ({
          name: variable,
          description,
          isRequired: false,
          isSecret: secret === true,
          ...(preset === undefined ? {} : { default: String(preset) }),
          ...(typeof preset === 'boolean' ? { format: 'boolean' } : {}),
        })),
      },
    ],
  };
}
