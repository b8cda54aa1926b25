import { type ToolsetName, toolsetNames } from '../access/scopes';
import { listed, toToolsets } from './tool-settings';

/** What one connection wants to see of what it may have: `/mcp?toolsets=gitlab,cases&read_only=true`. It only narrows. */
export interface ToolSelection {
  toolsets?: ReadonlySet<ToolsetName>;
  readOnly?: boolean;
}

export type ReadSelection = { selection: ToolSelection } | { problem: string };

const parameters = ['toolsets', 'read_only'];

const nothing: ReadSelection = { selection: {} };

/** The selection of a request by its target, e.g. `/mcp?read_only=true`, or its whole address. */
export function selectionAt(target: string): ReadSelection {
  const at = target.indexOf('?');
  return at < 0 ? nothing : readSelection(new URLSearchParams(target.slice(at).replace(/#.*$/, '')));
}

/** Whatever cannot be understood is refused, so that a slip does not quietly widen what a client gets. */
export function readSelection(query: URLSearchParams): ReadSelection {
  const selection: ToolSelection = {};
  for (const name of new Set(query.keys())) {
    if (!parameters.includes(name))
      return { problem: `${JSON.stringify(name.slice(0, 40))}: /mcp takes ${parameters.join(' and ')}` };
    if (query.getAll(name).length > 1) return { problem: `${name}: given twice` };
  }
  const toolsets = query.get('toolsets');
  if (toolsets !== null) {
    const words = listed(toolsets);
    const found = toToolsets(words);
    if ('unknown' in found || words.length === 0) {
      return { problem: `toolsets: name some of all, ${toolsetNames.join(', ')}, with commas` };
    }
    selection.toolsets = found.toolsets;
  }
  const readOnly = query.get('read_only');
  if (readOnly !== null) {
    if (readOnly !== 'true' && readOnly !== 'false') return { problem: 'read_only: true or false' };
    selection.readOnly = readOnly === 'true';
  }
  return { selection };
}
