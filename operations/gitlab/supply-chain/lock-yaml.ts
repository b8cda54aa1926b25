import { parsePlainYaml } from './plain-yaml';
import { parseYamlDocuments, type YamlText } from './yaml-text';

/**
 * A lockfile in YAML as its program writes it, which may be very long; else any YAML of a length that a person could have written.
 * pnpm puts what it needs for itself into a document in front: all documents come back.
 */
export function parseLock(text: string): { values: unknown[]; problems: YamlText['problems'] } {
  const parts = text.split(/^---[ \t]*$/m).filter((part) => part.trim() !== '');
  const plain = parts.map(parsePlainYaml);
  return plain.includes(undefined) ? parseYamlDocuments(text) : { values: plain, problems: [] };
}
