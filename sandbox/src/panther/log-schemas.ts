import { type Column, type StoredType, TABLES } from './catalogue';

/** A log type's schema in the shape GraphQL gives. */
export interface LogSchema {
  name: string;
  description: string;
  referenceURL: string | null;
  revision: number;
  version: number;
  spec: string;
  discoveredSpec: string;
  isArchived: boolean;
  isManaged: boolean;
  isFieldDiscoveryEnabled: boolean;
  createdAt: string;
  updatedAt: string | null;
}

const CREATED = '2025-01-15T09:00:00.000Z';
/** Log types that a source of the simulated tenant sends. */
const IN_USE = new Set([
  'AWS.CloudTrail',
  'AWS.VPCFlow',
  'Okta.SystemLog',
  'GitLab.Audit',
  'Custom.SimulatedDeployments',
]);

const CUSTOM: readonly LogSchema[] = [
  schema(
    'Custom.SimulatedDeployments',
    'Deployments of Simulated Corp',
    yaml([
      ['service', 'string'],
      ['version', 'string'],
      ['deployed_by', 'string'],
    ]),
    {
      isManaged: false,
      revision: 4,
    },
  ),
  schema(
    'Custom.SimulatedProxy',
    'A proxy that was replaced',
    yaml([
      ['client_ip', 'string'],
      ['url', 'string'],
    ]),
    {
      isManaged: false,
      isArchived: true,
    },
  ),
];

/** The schemas of the stand-in: one for each log type of its catalogue, and two of the tenant's own. */
export const LOG_SCHEMAS: readonly LogSchema[] = [
  ...TABLES.filter(({ database, logType }) => database === 'panther_logs' && logType !== undefined).map((table) =>
    schema(table.logType ?? '', table.description, yaml(fieldsOf(table.columns)), {
      referenceURL: `https://docs.simulated-panther.example/${table.name}`,
    }),
  ),
  ...CUSTOM,
].sort((a, b) => a.name.localeCompare(b.name));

export interface SchemaFilter {
  contains?: string | null;
  isArchived?: boolean | null;
  isInUse?: boolean | null;
  isManaged?: boolean | null;
}

/** As the service does it: `contains` looks into the field names too. */
export function findSchemas({ contains, isArchived, isInUse, isManaged }: SchemaFilter): LogSchema[] {
  const text = contains?.toLowerCase() ?? '';
  return LOG_SCHEMAS.filter(
    (one) =>
      (one.name.toLowerCase().includes(text) || one.spec.toLowerCase().includes(text)) &&
      (isArchived == null || one.isArchived === isArchived) &&
      (isInUse == null || IN_USE.has(one.name) === isInUse) &&
      (isManaged == null || one.isManaged === isManaged),
  );
}

function schema(name: string, description: string, spec: string, more: Partial<LogSchema> = {}): LogSchema {
  return {
    name,
    description,
    spec,
    referenceURL: null,
    revision: 1,
    version: 0,
    discoveredSpec: '',
    isArchived: false,
    isManaged: true,
    isFieldDiscoveryEnabled: false,
    createdAt: CREATED,
    updatedAt: CREATED,
    ...more,
  };
}

function fieldsOf(columns: readonly Column[]): [string, string][] {
  const types: Record<StoredType, string> = {
    VARCHAR: 'string',
    TIMESTAMP: 'timestamp',
    BOOLEAN: 'boolean',
    INTEGER: 'bigint',
    VARIANT: 'json',
    'VARCHAR[]': 'array',
  };
  return columns.filter(({ name }) => !name.startsWith('p_')).map(({ name, stored }) => [name, types[stored]]);
}

function yaml(fields: readonly (readonly [string, string])[]): string {
  return `version: 0\nfields:\n${fields.map(([name, type]) => `  - name: ${name}\n    type: ${type}\n`).join('')}`;
}
