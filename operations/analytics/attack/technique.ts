import { type TacticName, tactics } from './tactics';
import { retiredTechniques, techniqueTable } from './technique-table';

export { attackVersion } from './technique-table';

export interface Technique {
  id: string;
  /** For a sub-technique with its parent's name in front: `Account Manipulation: Additional Cloud Credentials`. */
  name: string;
  tactics: readonly TacticName[];
}

const tacticOfLetter = new Map<string, TacticName>(tactics.map(({ letter, name }) => [letter, name]));

function parsed(): Map<string, Technique> {
  const found = new Map<string, Technique>();
  for (const line of techniqueTable.trim().split('\n')) {
    const [head = '', ...subs] = line.split(';');
    const [id = '', letters = '', ...words] = head.split(' ');
    const name = words.join(' ');
    const own = tactics.filter(({ letter }) => letters.includes(letter)).map(({ name: tactic }) => tactic);
    if ([...letters].some((letter) => !tacticOfLetter.has(letter))) throw new Error(`${id}: unknown tactic`);
    found.set(id, { id, name, tactics: own });
    for (const sub of subs) {
      const number = sub.slice(0, 3);
      found.set(`${id}.${number}`, { id: `${id}.${number}`, name: `${name}: ${sub.slice(4)}`, tactics: own });
    }
  }
  return found;
}

const techniques = parsed();
const retired = new Map(retiredTechniques.split(' ').map((pair) => pair.split('=') as [string, string]));

/** The technique with this id; undefined when ATT&CK for enterprises has none. */
export function techniqueNamed(id: string): Technique | undefined {
  return techniques.get(id);
}

export const knownTechniques: ReadonlyMap<string, Technique> = techniques;

/** What a text that should be a technique's id turned out to be. */
export type ReadId =
  | { kind: 'technique'; technique: Technique; retiredId: string | null }
  | { kind: 'unknown'; reason: string };

/**
 * Reads an id as people and rules write it: `t1098.001`, `TA0005:T1562.008`, `T1098 - Account Manipulation`. A retired id
 * becomes the one in its place. Whatever else there is in the text is no id.
 */
export function readTechniqueId(text: string): ReadId {
  const match = /^\s*(?:TA\d{4}\s*[:/]\s*)?(T\d{4})(?:[./](\d{3}))?(?:\s*[-:].*)?\s*$/is.exec(text);
  if (match === null) return { kind: 'unknown', reason: 'not an ATT&CK technique id, such as T1098 or T1098.001' };
  const written = `${match[1]}${match[2] === undefined ? '' : `.${match[2]}`}`.toUpperCase();
  const id = retired.get(written) ?? written;
  const technique = techniques.get(id);
  if (technique !== undefined) return { kind: 'technique', technique, retiredId: id === written ? null : written };
  return { kind: 'unknown', reason: 'no technique of ATT&CK for enterprises has this id' };
}

/** `T1098.001` to `T1098`; a technique without parent to itself. */
export function parentOf(id: string): string {
  return id.slice(0, 5);
}
