import type { INodePropertyMode } from 'n8n-workflow';
import type { LocatorEntry } from './locators';

/** What is missing is left out of the name. */
export function entry(id: unknown, name: unknown[]): LocatorEntry | undefined {
  const value = text(id);
  if (value === undefined) return undefined;
  const parts = name.map(text).filter((part) => part !== undefined);
  return { name: parts.length > 0 ? parts.join(' · ') : value, value };
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

export function lower(value: unknown): string | undefined {
  return text(value)?.toLowerCase().replaceAll('_', ' ');
}

/** `2026-11-22T10:04:59.123Z` to `11-22 10:04`: UTC, as everywhere; the list goes back some weeks. */
export function minute(value: unknown): string | undefined {
  return text(value)?.slice(5, 16).replace('T', ' ');
}

/** `2026-11-22T10:04:59.123Z` to `2026-11-22`. */
export function day(value: unknown): string | undefined {
  return text(value)?.slice(0, 10);
}

export function byId(placeholder: string): INodePropertyMode {
  return { displayName: 'By ID', name: 'id', type: 'string', placeholder };
}

export function byName(placeholder: string): INodePropertyMode {
  return { displayName: 'By Name', name: 'name', type: 'string', placeholder };
}
