import type { Operation } from '../../../operations/operation';
import { type ToolsetName, toolsetNames } from '../access/scopes';
import type { SettingsReader } from '../approvals/approval-settings';

/** What the owner of the bridge lets it offer. Nothing that a request asks for goes beyond it. */
export interface ToolSettings {
  /** Nothing that changes anything, here or in a service. */
  readOnly: boolean;
  /** The only toolsets that may be called; undefined: all of them, and `tools/list` shows the default menu. */
  toolsets: ReadonlySet<ToolsetName> | undefined;
  /** The only tools that may be called, by name; undefined: whatever the toolsets hold. */
  only: ReadonlySet<string> | undefined;
  /** Never, whatever else is set. */
  deny: ReadonlySet<string>;
}

export const everythingAllowed: ToolSettings = {
  readOnly: false,
  toolsets: undefined,
  only: undefined,
  deny: new Set(),
};

/** Reads SOC_READ_ONLY, SOC_TOOLSETS, SOC_TOOLS and SOC_TOOLS_DENY. */
export function readToolSettings(reader: SettingsReader & { flag(variable: string): boolean }): ToolSettings {
  const toolsets = reader.text('SOC_TOOLSETS');
  const only = reader.text('SOC_TOOLS');
  const known = toolsets === undefined ? undefined : toToolsets(listed(toolsets));
  if (known !== undefined && 'unknown' in known) {
    reader.problem('SOC_TOOLSETS', `holds ${known.unknown}; the toolsets are all, ${toolsetNames.join(', ')}`);
  }
  return {
    readOnly: reader.flag('SOC_READ_ONLY'),
    toolsets: known === undefined || 'unknown' in known ? undefined : known.toolsets,
    only: only === undefined ? undefined : new Set(listed(only)),
    deny: new Set(listed(reader.text('SOC_TOOLS_DENY') ?? '')),
  };
}

/** Names of tools that do not exist, each with its variable: a slip in a deny list must not leave a tool open. */
export function unknownTools(settings: ToolSettings, tools: readonly Pick<Operation, 'name'>[]): string[] {
  const names = new Set(tools.map(({ name }) => name));
  const problemsOf = (variable: string, given: ReadonlySet<string>) =>
    [...given]
      .filter((name) => !names.has(name))
      .map(
        (name) =>
          `${variable} holds ${JSON.stringify(name.slice(0, 60))}, which is no tool; \`soc-bridge tools\` lists them.`,
      );
  return [...problemsOf('SOC_TOOLS', settings.only ?? new Set()), ...problemsOf('SOC_TOOLS_DENY', settings.deny)];
}

/** Toolsets by name, `all` for every one; or the first word that is none. */
export function toToolsets(words: readonly string[]): { toolsets: ReadonlySet<ToolsetName> } | { unknown: string } {
  const unknown = words.find((word) => word !== 'all' && !(toolsetNames as readonly string[]).includes(word));
  if (unknown !== undefined) return { unknown: JSON.stringify(unknown.slice(0, 40)) };
  return { toolsets: new Set(words.includes('all') ? toolsetNames : (words as ToolsetName[])) };
}

export function listed(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
}
