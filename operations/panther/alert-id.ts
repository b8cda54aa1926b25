const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const plain = /^[0-9a-f]{32}$/i;

/**
 * An alert's id as Panther itself writes it: 32 lower-case hexadecimal characters. Other systems pass it on with the
 * dashes of a UUID or in capitals, and the same alert must not become two. Anything else (`Test.Alert`) stays as it is.
 */
export function plainAlertId(id: string): string {
  if (dashed.test(id)) return id.replaceAll('-', '').toLowerCase();
  return plain.test(id) ? id.toLowerCase() : id;
}

/** What Panther's own "send test alert" gives instead of an id. */
export const testAlertId = 'Test.Alert';
