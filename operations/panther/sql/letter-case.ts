/**
 * Only the letters A to Z change. Full case mapping turns letters of other alphabets into these (`ı` into `I`, `ſ` into `S`),
 * and a name that a database keeps apart from another would be taken for it.
 */
export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** The other way round, just as narrow. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Letters that some case mapping turns into one of A to Z: Databricks reads `unıon` as UNION. */
export const turnsAscii = /[\u0130\u0131\u017f\u212a]/;
