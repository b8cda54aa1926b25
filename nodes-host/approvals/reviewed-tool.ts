import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * The tool that an AI Agent wants to call, when this node stands in front of one: its name as an action's, and its
 * arguments as data, so that the card is written from them and not from what the model says about them. Undefined
 * everywhere else.
 */
export function reviewedTool(
  context: IExecuteFunctions,
): { name: string; arguments: Record<string, unknown> } | undefined {
  const node = context.getNode();
  if (!node.type.endsWith('HitlTool')) return undefined;
  const [tool] = context.getParentNodes(node.name, { connectionType: 'ai_tool', depth: 1 });
  const named: unknown = context.evaluateExpression('{{ $tool.name }}', 0);
  const name = typeof named === 'string' && named.trim() !== '' ? named : tool?.name;
  if (name === undefined) return undefined;
  return { name: actionName(name), arguments: parametersOf(context) };
}

function parametersOf(context: IExecuteFunctions): Record<string, unknown> {
  const text: unknown = context.evaluateExpression('{{ JSON.stringify($tool.parameters ?? {}) }}', 0);
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : text;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return value === undefined || value === null || value === '' ? {} : { input: value };
}

/** The names of n8n's tools are those of their nodes, with anything in them. */
function actionName(name: string): string {
  const plain = name
    .trim()
    .replace(/[^A-Za-z0-9_.:-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return plain === '' ? 'tool' : plain;
}
