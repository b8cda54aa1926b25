import { zodToJsonSchema } from 'zod-to-json-schema';
import { outputSchema } from './load-operations.mjs';

const toolsets = {
  panther: { title: 'Panther', node: 'Panther SIEM', type: 'pantherSiem', credentials: 'Panther API' },
  gitlab: { title: 'GitLab', node: 'GitLab SOC', type: 'gitLabSoc', credentials: 'GitLab SOC API' },
  slack: {
    title: 'Slack',
    node: 'SOC Slack',
    type: 'socSlack',
    credentials: 'SOC Slack API; SOC Bridge API for what runs on the bridge',
  },
  investigation: {
    title: 'Investigation',
    node: 'SOC Investigation',
    type: 'socInvestigation',
    credentials: 'SOC Bridge API; Panther, GitLab or Slack for what runs in n8n itself',
  },
  analytics: {
    title: 'Analytics',
    node: 'SOC Investigation',
    type: 'socInvestigation',
    credentials: 'Panther API for what asks the data lake; SOC Bridge API instead, to have the bridge do it',
  },
  compliance: {
    title: 'Compliance',
    node: 'SOC Investigation',
    type: 'socInvestigation',
    credentials: 'Panther API and GitLab SOC API; SOC Bridge API instead, to have the bridge do it',
  },
  response: {
    title: 'Response',
    node: 'SOC Investigation',
    type: 'socInvestigation',
    credentials: 'SOC Bridge API',
  },
};
const serviceNames = { panther: 'Panther', gitlab: 'GitLab', slack: 'Slack', okta: 'Okta' };
const notice = '<!-- Generated from the operations by `npm run docs`. Edit the operation, not this page. -->';

/**
 * The pages under docs/operations, by file name, from what `loadOperations` gives.
 * @returns {Record<string, string>}
 */
export function operationPages({ operations, camelCase, fieldsOf, resourceValue }) {
  const pages = { 'README.md': overview(operations) };
  for (const [toolset, about] of Object.entries(toolsets)) {
    const own = operations.filter((operation) => operation.toolset === toolset);
    const parts = own.map((operation) => operationPart(operation, about, { camelCase, fieldsOf, resourceValue }));
    pages[`${toolset}.md`] = [
      notice,
      `# ${about.title} operations`,
      `In n8n: the node **${about.node}** (\`n8n-nodes-soc.${about.type}\`). Credentials: ${about.credentials}. For AI assistants: tools of the bridge, under the names below.`,
      summaryTable(own, ''),
      ...parts,
    ]
      .join('\n\n')
      .concat('\n');
  }
  return pages;
}

function overview(operations) {
  const sections = Object.entries(toolsets).flatMap(([toolset, { title, node }]) => {
    const own = operations.filter((operation) => operation.toolset === toolset);
    return [
      `## ${title}`,
      `Node **${node}**; details on [its page](${toolset}.md).`,
      summaryTable(own, `${toolset}.md`),
    ];
  });
  return [
    notice,
    '# Operations',
    `Every capability is defined once and offered twice: as an operation of an n8n node, and as an MCP tool of the bridge. There are ${operations.length}. The permissions are those of the service, by its own names.`,
    ...sections,
    '## Permissions',
    permissionTable(operations),
  ]
    .join('\n\n')
    .concat('\n');
}

const readmeMarks = ['<!-- operations:begin -->', '<!-- operations:end -->'];

/**
 * The README with its one table of operations filled in between the two marks.
 * @param {string} readme
 */
export function readmeWithOperations(readme, { operations }) {
  const [begin, end] = readmeMarks;
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md lacks ${begin} and ${end}`);
  const rows = operations.map((operation) => [
    `[\`${operation.name}\`](docs/operations/${operation.toolset}.md#${operation.name})`,
    `${toolsets[operation.toolset].node} → ${operation.resource}: ${operation.title}`,
    effectOf(operation),
    placeOf(operation),
  ]);
  const filled = table(['MCP tool', 'n8n node and operation', 'Effect', 'Runs'], rows);
  return `${readme.slice(0, from + begin.length)}\n${filled}\n${readme.slice(to)}`;
}

function summaryTable(operations, page) {
  if (operations.length === 0) return 'None yet.';
  const rows = operations.map((operation) => [
    `[\`${operation.name}\`](${page}#${operation.name})`,
    `${operation.resource}: ${operation.title}`,
    operation.action,
    effectOf(operation),
    placeOf(operation),
  ]);
  return table(['MCP tool', 'In n8n', 'Does', 'Effect', 'Runs'], rows);
}

/** Least privilege by service: what each permission is for. */
function permissionTable(operations) {
  // An operation over several services does not say whose a permission is; those over one do.
  const ownerOf = new Map(
    operations.flatMap(({ services, permissions }) =>
      services.length === 1 ? permissions.map((permission) => [permission, serviceNames[services[0]]]) : [],
    ),
  );
  const users = new Map();
  for (const operation of operations) {
    for (const permission of operation.permissions) {
      // AWS is reached by a port of its own and is no service with a credential in n8n.
      const owner = permission.startsWith('iam:')
        ? 'AWS IAM'
        : (ownerOf.get(permission) ?? operation.services.map((service) => serviceNames[service]).join(' or '));
      const key = `${owner}\0${permission}`;
      users.set(key, [...(users.get(key) ?? []), `\`${operation.name}\``]);
    }
  }
  const rows = [...users]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([key, names]) => {
      const [owner, permission] = key.split('\0');
      return [owner, `\`${permission}\``, names.join(', ')];
    });
  return table(['Service', 'Permission', 'Needed by'], rows);
}

function operationPart(operation, about, { camelCase, fieldsOf, resourceValue }) {
  const services = operation.services.map((service) => serviceNames[service]);
  return [
    `## ${operation.name}`,
    `**${about.node} > ${operation.resource} > ${operation.title}** (resource \`${resourceValue(operation.resource)}\`, operation \`${camelCase(operation.name)}\`)`,
    operation.description,
    [
      `- Effect: ${effectOf(operation)}; ${operation.idempotent ? 'calling it again changes nothing more' : 'calling it again does it again'}`,
      `- Runs: ${placeOf(operation)}`,
      `- Calls: ${services.length === 0 ? 'no service' : services.join(', ')}`,
      `- Permissions: ${operation.permissions.length === 0 ? 'none' : operation.permissions.map((name) => `\`${name}\``).join(', ')}`,
    ].join('\n'),
    '### Input',
    inputTable(operation, fieldsOf),
    '### Output',
    outputTable(operation),
    '### Example',
    `\`\`\`json\n${JSON.stringify(operation.example, null, 2)}\n\`\`\``,
  ].join('\n\n');
}

function inputTable(operation, fieldsOf) {
  const { properties } = zodToJsonSchema(operation.input, { $refStrategy: 'none' });
  const rows = fieldsOf(operation).map((field) => [
    `\`${field.name}\``,
    `\`${field.required ? '' : 'options.'}${field.parameter}\``,
    typeName(properties[field.name]),
    field.required ? 'required' : field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
    field.description,
  ]);
  if (operation.list !== undefined) {
    rows.push([
      '',
      '`options.splitIntoItems`',
      'boolean',
      '`false`',
      `n8n only: one item for each of \`${operation.list}\``,
    ]);
  }
  return rows.length === 0 ? 'None.' : table(['Field', 'n8n parameter', 'Type', 'Default', 'Description'], rows);
}

function outputTable(operation) {
  const rows = [];
  const visit = (schema, path, depth) => {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const own = path === '' ? name : `${path}.${name}`;
      rows.push([`\`${own}\``, typeName(property), property.description ?? '']);
      const { inner, suffix } = unfold(property);
      if (depth < 3) visit(inner, `${own}${suffix}`, depth + 1);
    }
  };
  visit(outputSchema(operation), '', 1);
  return table(['Field', 'Type', 'Description'], rows);
}

/** The object inside lists and nullable values, and how a path into it is written. */
function unfold(schema) {
  if (schema.type === 'array' && schema.items !== undefined) {
    const { inner, suffix } = unfold(schema.items);
    return { inner, suffix: `[]${suffix}` };
  }
  const choice = schema.anyOf?.find(({ type }) => type === 'object');
  return { inner: choice ?? schema, suffix: '' };
}

function typeName(schema) {
  if (schema === undefined) return 'any';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeName))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array') return `list of ${typeName(schema.items)}`;
  if (schema.type === undefined) return 'any';
  const { minimum, maximum, maxLength } = schema;
  if (minimum !== undefined && maximum !== undefined) return `${schema.type} ${minimum} to ${maximum}`;
  if (maxLength !== undefined) return `${schema.type}, at most ${maxLength} characters`;
  return schema.type;
}

function effectOf({ effect }) {
  return { read: 'reads', write: 'writes', destructive: 'destructive' }[effect];
}

function placeOf(operation) {
  if (operation.runs === 'bridge') return 'on the bridge';
  return operation.runsFor === undefined ? 'anywhere' : 'anywhere; on the bridge when it is for a case';
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text) {
  return String(text)
    .replace(/\|/g, '\\|')
    .replace(/\s*\n\s*/g, ' ');
}
