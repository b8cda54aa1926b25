import { parseDocument } from 'yaml';

/** GitLab's own tag: a reference to another part of the file. It stays as the list it is. */
const reference = { tag: '!reference', collection: 'seq' as const };

/** More aliases than any real file has are an attempt to blow up in memory. */
const maxAliases = 200;

export interface YamlText {
  /** Undefined when the text is no YAML at all. */
  value: unknown;
  problems: string[];
}

/** A YAML text as plain values. Never throws: what the parser complains of comes back as problems, in its words. */
export function parseYaml(text: string): YamlText {
  try {
    const document = parseDocument(text, { customTags: [reference], logLevel: 'silent', uniqueKeys: false });
    const problems = document.errors.slice(0, 5).map(({ message }) => message.split('\n')[0] ?? 'not YAML');
    if (document.errors.length > 0 && document.contents === null) return { value: undefined, problems };
    return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown, problems };
  } catch (error) {
    return { value: undefined, problems: [error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'not YAML'] };
  }
}
