/** What the simulated model answers to a case: it may ask for a closer look, and nothing else. */
export interface Review {
  scrutiny: 'none' | 'raise';
  reason: string;
  evidence_ids: string[];
}

interface EvidenceItem {
  id: string;
  family: string;
  weight: number;
}

interface CaseInPrompt {
  verdict: string;
  evidence: EvidenceItem[];
}

const CALM = /^(benign|benign_positive|false_positive)$/;
const MAX_CITED = 5;
const MAX_ATTEMPTS = 500;

/** Reviews the case found in the prompt; undefined when there is none. */
export function review(prompt: string): Review | undefined {
  const found = findCase(prompt);
  if (!found) return undefined;
  const ids = (family: string) =>
    found.evidence
      .filter((item) => item.family === family)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, MAX_CITED)
      .map((item) => item.id);
  const hostile = ids('hostile');
  if (CALM.test(found.verdict) && hostile.length > 0) {
    const reason = `The verdict is ${found.verdict}, but hostile evidence was found; a person should look at it.`;
    return { scrutiny: 'raise', reason, evidence_ids: hostile };
  }
  const supporting = hostile.length > 0 ? hostile : ids('exculpatory');
  return { scrutiny: 'none', reason: `The evidence supports the verdict ${found.verdict}.`, evidence_ids: supporting };
}

/** The last object in the text that has a verdict and a list of evidence; it may be wrapped in other objects or prose. */
export function findCase(text: string): CaseInPrompt | undefined {
  let found: CaseInPrompt | undefined;
  let attempts = 0;
  for (let at = text.indexOf('{'); at >= 0 && attempts < MAX_ATTEMPTS; attempts += 1) {
    const end = closingBrace(text, at);
    const value = end === undefined ? undefined : parse(text.slice(at, end + 1));
    if (value !== undefined) found = search(value, 0) ?? found;
    // Inside an object that was read there is nothing left to find; inside one that was not, there may be.
    at = text.indexOf('{', value === undefined ? at + 1 : (end ?? at) + 1);
  }
  return found;
}

function closingBrace(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i += 1) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function search(value: unknown, depth: number): CaseInPrompt | undefined {
  if (typeof value !== 'object' || value === null || depth > 6) return undefined;
  const record = value as Record<string, unknown>;
  const verdict = textOf(record.verdict);
  if (verdict !== undefined && Array.isArray(record.evidence)) {
    return { verdict, evidence: record.evidence.flatMap(evidenceItem) };
  }
  for (const inner of Object.values(record)) {
    const found = search(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function textOf(verdict: unknown): string | undefined {
  if (typeof verdict === 'string') return verdict.toLowerCase().replaceAll(' ', '_');
  if (typeof verdict !== 'object' || verdict === null) return undefined;
  const { outcome, verdict: inner } = verdict as Record<string, unknown>;
  return textOf(outcome) ?? textOf(inner);
}

function evidenceItem(value: unknown): EvidenceItem[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, family, weight } = value as Record<string, unknown>;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof family !== 'string') return [];
  return [{ id: String(id), family, weight: typeof weight === 'number' ? weight : 0 }];
}
