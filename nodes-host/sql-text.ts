/** What reading SQL needs of n8n: what is stored, and n8n's own evaluation of one text for one item. */
export interface SqlSource {
  /** The stored value, before any expression in it was evaluated. */
  stored: unknown;
  /** The value that n8n gives for the parameter. */
  value: unknown;
  /** Evaluates a text with `{{ }}` as n8n evaluates an expression, once. */
  evaluate(text: string): unknown;
}

/** In a text under this pragma `{{ }}` is Panther's, not n8n's. */
const templatePragma = /pragma\s*:\s*template\b/i;

/**
 * The SQL of a node. n8n's SQL editor keeps what is typed into it as text, shows the values of the `{{ }}` in it, and
 * leaves filling them in to the node. Here that happens once, and only to text that somebody stored in the workflow: the
 * value of an expression is passed on as it is, so that `{{ }}` in data, which an attacker may have written, never runs.
 */
export function sqlText({ stored, value, evaluate }: SqlSource): unknown {
  if (typeof stored !== 'string' || stored.startsWith('=') || !stored.includes('{{')) return value;
  return templatePragma.test(stored) ? value : evaluate(stored);
}
