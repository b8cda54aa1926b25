import type { INodePropertyMode } from 'n8n-workflow';
import type { Operation, Toolset } from '../operations/operation';
import type { Service } from '../operations/ports';
import { operations } from '../operations/registry';
import { type Field, fieldsOf } from './fields';
import { group, mergeRequest, project } from './gitlab-locators';
import { byId, byName, entry, lower, minute, text } from './locator-parts';

/** One entry of a list to choose from: what is shown and what is stored. */
export interface LocatorEntry {
  name: string;
  value: string;
  /** Its page, for a link beside the choice. */
  url?: string;
}

/** How a field that names one thing is chosen in n8n: from a list that an operation reads, or by hand. */
export interface Locator {
  /** Name of the list search on the node. */
  search: string;
  /** Operation of the same toolset that lists the things; without it in the registry the field stays plain text. */
  lists: string;
  /** A record of that list as an entry; undefined for one without an id. */
  entry(record: Record<string, unknown>): LocatorEntry | undefined;
  /** A field that names the kind of the thing, and the filter of the listing operation that takes such kinds. */
  narrowedBy?: { field: string; filter: string };
  /** Input that the list is always read with. */
  asks?: Record<string, unknown>;
  /** A field whose choice the list is of: without it, and without a default on the connection, there is no list. */
  within?: { field: string; service: Service };
  /** Search texts that the service does not know; they are looked for among the newest entries. */
  unsearchable?: RegExp;
  /** Shown in place of the field's own name. */
  displayName?: string;
  /** Ways whose value is given to another input field, by the name of the way. */
  elsewhere?: Readonly<Record<string, string>>;
  /** The other ways to give it, in the order they are offered. */
  byHand: INodePropertyMode[];
}

/** An alert's page in the console. The operations take the id out of it, and refuse the page of another tenant. */
const alertPage = 'https?:\\/\\/[^\\/?#\\s]+\\/alerts(?:-and-errors)?\\/[0-9a-zA-Z_.-]+(?:[\\/?#]\\S*)?';

const alert: Locator = {
  search: 'searchAlerts',
  lists: 'list_alerts',
  // The context goes first: lists are narrow, and titles long.
  entry: ({ id, title, severity, status, created_at }) =>
    entry(id, [severity, lower(status), minute(created_at), text(title) ?? id]),
  byHand: [
    byId('e.g. 9b9cd3b7a0f54e1f8a53c1a3f0d2b6aa'),
    {
      displayName: 'By URL',
      name: 'url',
      type: 'string',
      placeholder: 'e.g. https://acme.runpanther.net/alerts/9b9cd3b7a0f54e1f8a53c1a3f0d2b6aa',
      validation: [
        {
          type: 'regex',
          properties: { regex: alertPage, errorMessage: 'Not the address of an alert in the Panther console' },
        },
      ],
    },
  ],
};

const detection: Locator = {
  search: 'searchDetections',
  lists: 'list_detections',
  narrowedBy: { field: 'type', filter: 'types' },
  entry: ({ id, name, type, severity, enabled }) =>
    entry(id, [text(name) ?? id, lower(type), severity, enabled === false ? 'disabled' : undefined]),
  byHand: [byId('e.g. AWS.Console.RootLogin')],
};

const user: Locator = {
  search: 'searchUsers',
  lists: 'list_users',
  entry: ({ id, name, email }) => entry(id, [text(name), email]),
  byHand: [
    byId('e.g. 3f6a2c5e-8a0b-4f6d-9c53-0d8f4a1b2c3d'),
    { displayName: 'By Email', name: 'email', type: 'string', placeholder: 'e.g. analyst@acme.example' },
  ],
};

const table: Locator = {
  search: 'searchTables',
  lists: 'list_available_tables',
  entry: ({ qualified_name, log_type }) => entry(qualified_name, [qualified_name, log_type]),
  byHand: [byName('e.g. panther_logs.public.aws_cloudtrail')],
};

const database: Locator = {
  search: 'searchDatabases',
  lists: 'list_databases',
  entry: ({ name, description }) => entry(name, [name, description]),
  byHand: [byName('e.g. panther_logs')],
};

/** Which input fields get a locator, by toolset and name of the field. A toolset joins by adding its own here. */
const byField: Partial<Record<Toolset, Record<string, Locator>>> = {
  gitlab: { project, group, iid: mergeRequest },
  panther: { alert_id: alert, detection_id: detection, assignee: user, table, database },
};

/** The locator of a field of text or of a number, when the registry has the operation that lists what it names. */
export function locatorOf(
  toolset: Toolset,
  field: Pick<Field, 'name' | 'kind'>,
  from: readonly Operation[] = operations,
): Locator | undefined {
  const found = ['text', 'number'].includes(field.kind.kind) ? byField[toolset]?.[field.name] : undefined;
  return found !== undefined && listing(found, toolset, from) !== undefined ? found : undefined;
}

/** The operation that lists what a locator finds. */
export function listing(locator: Locator, toolset: Toolset, from: readonly Operation[]): Operation | undefined {
  return from.find((operation) => operation.toolset === toolset && operation.name === locator.lists);
}

/** The locators that the fields of a toolset's operations use, each once. */
export function locatorsIn(toolset: Toolset, from: readonly Operation[] = operations): Locator[] {
  const used = from
    .filter((operation) => operation.toolset === toolset)
    .flatMap((operation) => fieldsOf(operation).map((field) => locatorOf(toolset, field, from)));
  return [...new Set(used)].filter((locator) => locator !== undefined);
}

/**
 * The text that a stored value stands for: a locator's value, taken out of an address where its mode says so, or the
 * value itself, as older workflows and expressions give it. Text that is no address of the kind stays as it is.
 */
export function locatedValue(value: unknown, locator: Locator | undefined): unknown {
  if (typeof value !== 'object' || value === null || !('mode' in value)) return value;
  // A locator that nobody filled in may lack its value.
  const inner: unknown = 'value' in value ? value.value : undefined;
  const mode = locator?.byHand.find(({ name }) => name === value.mode);
  if (typeof inner !== 'string' || mode?.extractValue === undefined) return inner;
  return new RegExp(`^${String(mode.extractValue.regex)}$`).exec(inner.trim())?.[1] ?? inner;
}

/** The input field that a stored value is for: its own, or another one that its way of giving it names. */
export function targetField(field: string, value: unknown, locator: Locator | undefined): string {
  if (typeof value !== 'object' || value === null || !('mode' in value)) return field;
  return locator?.elsewhere?.[String(value.mode)] ?? field;
}
