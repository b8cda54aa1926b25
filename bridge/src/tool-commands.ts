import { type Command, Option } from 'commander';
import type { Operation } from '../../operations/operation';
import { toolsetNames, toolsetOf } from './access/scopes';
import { ConfigError, readConfig } from './config';
import { toJsonSchema } from './mcp/json-schema';
import { readMore, readMoreName } from './mcp/result-pager';
import { isOnMenu, menuLimits, tokensOf } from './mcp/tool-menu';
import { decide } from './mcp/tool-policy';
import type { ToolSelection } from './mcp/tool-selection';
import { listed, type ToolSettings, toToolsets, unknownTools } from './mcp/tool-settings';
import { toTool } from './mcp/tools';

/** `soc-bridge tools`: what there is, what clients are shown, and what it costs a model to read it. */
export function addToolCommand(program: Command, operations: readonly Operation[]): void {
  program
    .command('tools')
    .description('list the tools, marked + when tools/list shows them, with the tokens of their descriptions')
    .addOption(new Option('--toolsets <names>', `as a connection asks for them: all, ${toolsetNames.join(', ')}`))
    .option('--json', 'with descriptions and whole schemas')
    .action((options: { json?: boolean; toolsets?: string }) => {
      const text = options.json ? toolsJson(operations) : toolsText(operations, options.toolsets);
      process.stdout.write(`${text}\n`);
      const problems = unknownTools(readConfig(process.env).tools, [...operations, readMore]);
      if (problems.length > 0) throw new ConfigError(problems);
    });
}

function toolsText(operations: readonly Operation[], wanted: string | undefined): string {
  const { tools: settings, allow: allowed, resultTokens } = readConfig(process.env);
  const selection: ToolSelection = {};
  if (wanted !== undefined) {
    const found = toToolsets(listed(wanted));
    if ('unknown' in found) throw new Error(`--toolsets: ${found.unknown} is none of all, ${toolsetNames.join(', ')}`);
    selection.toolsets = found.toolsets;
  }
  const shown = operations.filter(
    (operation) =>
      isOnMenu(operation, settings, selection) &&
      decide(operation, { settings, allowed, held: undefined, selection }).offered,
  );
  const lineOf = (tool: Described, toolset: string, listed: boolean) => {
    const { name, effect, action } = tool;
    const tokens = String(tokensOf(toTool(tool))).padStart(5);
    return `${listed ? '+' : ' '} ${name.padEnd(40)} ${toolset.padEnd(10)} ${effect.padEnd(11)} ${tokens} ${action}`;
  };
  const lines = operations.map((operation) => lineOf(operation, toolsetOf(operation), shown.includes(operation)));
  const readsOn = shown.length > 0 && resultTokens > 0 && !settings.deny.has(readMoreName);
  const listedTools = readsOn ? [...shown, readMore] : shown;
  return [...lines, lineOf(readMore, '(any)', readsOn), summary(listedTools, settings, selection)].join('\n');
}

type Described = Omit<Operation, 'run'>;

function summary(shown: readonly Described[], settings: ToolSettings, selection: ToolSelection): string {
  const isDefault = settings.toolsets === undefined && settings.only === undefined && selection.toolsets === undefined;
  const limits = isDefault ? ` (at most ${menuLimits.tools} and ${menuLimits.tokens})` : '';
  return `\ntools/list: ${shown.length} tools, about ${tokensOf(shown.map(toTool))} tokens${limits}`;
}

function toolsJson(operations: readonly Operation[]): string {
  const described: readonly (Described & { belongsTo: string | null })[] = [
    ...operations.map((operation) => ({ ...operation, belongsTo: toolsetOf(operation) })),
    { ...readMore, belongsTo: null },
  ];
  const tools = described.map((operation) => ({
    name: operation.name,
    title: operation.action,
    toolset: operation.belongsTo,
    description: operation.description,
    effect: operation.effect,
    idempotent: operation.idempotent,
    permissions: operation.permissions,
    input_schema: toJsonSchema(operation.input.strict()),
    output_schema: toJsonSchema(operation.output),
  }));
  return JSON.stringify(tools, null, 2);
}
