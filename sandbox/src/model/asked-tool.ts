import type { ChatRequest, Completion } from './completion';
import { fillSchema, type Schema } from './fill-schema';
import { textOf } from './message-text';

/** `Call the tool Disable_User with {"user": "x"}`, in the words of whoever talks to the agent. */
const request = /\bcall the tool ([A-Za-z0-9_-]{1,64}) with (\{[\s\S]*\})/i;

/**
 * The simulated model calls a tool when the last thing a person wrote asks for it by name, and then repeats what the tool
 * answered. A tool behind a human review takes its arguments as `toolParameters`. Undefined when no tool was asked for.
 */
export function callAskedTool({ messages, tools = [] }: ChatRequest): Completion | undefined {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const said = messages[last];
  const asked = said === undefined ? null : request.exec(textOf(said));
  const [, name, json = ''] = asked ?? [];
  const tool = tools.find((entry) => entry.function?.name === name);
  const given = parsed(json);
  if (tool?.function === undefined || given === undefined) return undefined;
  const answer = messages.slice(last + 1).findLast(({ role }) => role === 'tool');
  if (answer !== undefined) return { content: `The tool answered: ${textOf(answer)}` };
  return {
    content: null,
    toolCall: { name: tool.function.name, arguments: JSON.stringify(argumentsFor(tool.function.parameters, given)) },
  };
}

function argumentsFor(schema: Schema | undefined, given: Record<string, unknown>): unknown {
  if (schema?.properties?.toolParameters === undefined) return given;
  const filled = fillSchema(schema, {});
  return { ...(typeof filled === 'object' ? filled : {}), toolParameters: given };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
