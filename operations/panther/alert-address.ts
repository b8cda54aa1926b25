import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import { plainAlertId } from './alert-id';
import type { PantherEndpoints } from './base-url';

/** Characters of an id; none of them can change the path it is put into. */
const idText = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const panthersId = /^[0-9a-f]{32}$/;
const consolePages = new Set(['alerts', 'alerts-and-errors']);

/**
 * The id in what a person pasted: an id with or without dashes, or the address of the alert in the console of the
 * credential's own tenant. Throws InvalidInputError, also for an address on any other host: an alert of another tenant
 * has nothing to do with this credential.
 */
export function alertIdOf(text: string, endpoints: Pick<PantherEndpoints, 'origin'>, field = 'alert_id'): string {
  const given = text.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return idOfAddress(given, endpoints, field);
  if (!idText.test(given)) {
    throw new InvalidInputError(
      field,
      'is neither the id of an alert (32 hexadecimal characters, dashes allowed) nor its address in the console',
    );
  }
  return plainAlertId(given);
}

function idOfAddress(address: string, { origin }: Pick<PantherEndpoints, 'origin'>, field: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new InvalidInputError(field, 'is not an address that can be read; give the id of the alert');
  }
  const api = new URL(origin).host;
  const own = [api, api.replace(/^api\./, '')];
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || !own.includes(url.host)) {
    throw new InvalidInputError(
      field,
      `is an address on ${cleanLine(url.host, 100) || 'no host'}, but the credential belongs to ${own[1]}; give the id of an alert there`,
    );
  }
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const page = segments.findIndex((segment) => consolePages.has(segment));
  const id = page === -1 ? '' : plainAlertId(segments[page + 1] ?? '');
  if (!panthersId.test(id)) throw new InvalidInputError(field, 'is not the address of an alert; give its id');
  return id;
}

/** Several of them in the order given, each once. */
export function alertIdsOf(texts: readonly string[], endpoints: Pick<PantherEndpoints, 'origin'>): string[] {
  return [...new Set(texts.map((text, index) => alertIdOf(text, endpoints, `alert_ids.${index}`)))];
}
