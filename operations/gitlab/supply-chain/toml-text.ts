import { parse } from 'smol-toml';
import { isRecord, type JsonRecord } from './json-text';

/** A TOML text as plain values; undefined with a problem when it is none. Never throws. */
export function parseToml(text: string): { value: JsonRecord | undefined; problems: string[] } {
  try {
    const value: unknown = parse(text.replace(/^\ufeff/, ''));
    return { value: isRecord(value) ? value : undefined, problems: [] };
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    return { value: undefined, problems: [`it is no TOML: ${said}`] };
  }
}
