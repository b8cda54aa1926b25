import type { JsonSchema } from './json-schema';

/** Limits of length that no model has to count; whoever breaks one is told the field by the tool itself. */
const uncounted = new Set(['minLength', 'maxLength', 'minItems', 'maxItems']);

/**
 * The schema as `tools/list` shows it: every description of a tool costs a model room in each conversation, so what
 * stands there twice is told once. Calls are checked against the whole schema; `soc-bridge tools --json` prints it.
 */
export function compactSchema(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(value as Record<string, JsonSchema>).map(([name, property]) => [name, compactSchema(property)]),
      );
    } else if (key === 'items' || key === 'additionalProperties') {
      result[key] = isSchema(value) ? compactSchema(value) : value;
    } else if (!uncounted.has(key)) result[key] = value;
  }
  const { description } = result;
  if (typeof description === 'string') {
    const short = withoutRepeats(description, result);
    if (short === '') delete result.description;
    else result.description = short;
  }
  return result;
}

/** `..., 1 to 100. Default: 10` says what minimum, maximum and default say beside it. */
function withoutRepeats(description: string, { default: preset, minimum, maximum }: JsonSchema): string {
  let text = description;
  if (preset !== undefined && typeof preset !== 'object') {
    const repeat = new RegExp(`[;,.]?\\s*\\bdefault:? ${escaped(String(preset))}\\.?$`, 'i');
    text = text.replace(repeat, '');
  }
  if (minimum !== undefined && maximum !== undefined) {
    text = text.replace(new RegExp(`,? ${escaped(String(minimum))} to ${escaped(String(maximum))}\\.?$`), '');
  }
  return text.trim();
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
