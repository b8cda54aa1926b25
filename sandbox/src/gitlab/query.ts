import { badRequest } from './answers';

/** Reads query parameters the way GitLab does: unknown ones are ignored, declared ones are checked. */
export class ParsedQuery {
  constructor(readonly raw: URLSearchParams) {}

  text(name: string): string | undefined {
    const value = this.raw.get(name);
    return value === null || value === '' ? undefined : value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value)) throw badRequest(`${name} is invalid`);
    return Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (/^(true|t|1|yes|on)$/i.test(value)) return true;
    if (/^(false|f|0|no|off)$/i.test(value)) return false;
    throw badRequest(`${name} is invalid`);
  }

  date(name: string): Date | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const date = new Date(value);
    // `+` unescaped arrives as a blank; GitLab refuses such a time as well.
    if (!/^\d{4}-\d{2}-\d{2}/.test(value) || Number.isNaN(date.getTime())) throw badRequest(`${name} is invalid`);
    return date;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!(values as readonly string[]).includes(value)) throw badRequest(`${name} does not have a valid value`);
    return value as T;
  }

  /** `name[]=a&name[]=b`, or `name=a,b` where GitLab splits at commas. */
  list(name: string): string[] {
    const repeated = this.raw.getAll(`${name}[]`);
    const joined = this.text(name)?.split(',') ?? [];
    return [...repeated, ...joined].map((entry) => entry.trim()).filter((entry) => entry !== '');
  }

  /** Grape counts a parameter as given even when it is empty. */
  exclusive(...names: string[]): void {
    const given = names.filter((name) => this.raw.has(name));
    if (given.length > 1) throw badRequest(`${given.join(', ')} are mutually exclusive`);
  }
}
