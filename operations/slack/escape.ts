import { InvalidInputError } from '../errors';
import { cleanLine, cleanText, truncate } from '../text';

/** Five of these, escaped, fit one section. */
const longestLink = 500;

declare const brand: unique symbol;

/**
 * Text in Slack's mrkdwn that was escaped, or written by us. Only this module makes it, and only it fits a mrkdwn
 * field of `blocks.ts`: a raw string cannot get there without a type error.
 */
export type Mrkdwn = string & { readonly [brand]: 'mrkdwn' };

/** Text for a `plain_text` field: hidden characters gone, secrets replaced, capped. Slack shows it literally. */
export type PlainText = string & { readonly [brand]: 'plain_text' };

/**
 * Escapes text from outside for mrkdwn. `& < >` are the only control characters: everything that
 * mentions, links or notifies is written between `<` and `>`. Back-ticks become apostrophes, so that the text cannot
 * leave a code span it was put into. The result is at most `maxLength` characters, entities counted as they are sent.
 */
export function escapeMrkdwn(text: string, maxLength = 2000): Mrkdwn {
  return escapeToLength(cleanText(text, maxLength), maxLength);
}

/** As escapeMrkdwn, on one line. */
export function escapeMrkdwnLine(text: string, maxLength = 300): Mrkdwn {
  return escapeToLength(cleanLine(text, maxLength), maxLength);
}

/** Escaping makes text longer; it is cut before, so that no entity is cut in half. */
function escapeToLength(text: string, maxLength: number): Mrkdwn {
  const room = Math.max(32, maxLength);
  let escaped = escapeControls(text);
  for (let keep = text.length; escaped.length > room && keep > 32; ) {
    keep = Math.max(32, keep - Math.ceil((escaped.length - room) / 5) - 1);
    escaped = escapeControls(truncate(text, keep));
  }
  return (escaped.length > room ? '[text left out]' : escaped) as Mrkdwn;
}

function escapeControls(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', "'");
}

export function plainText(text: string, maxLength = 3000): PlainText {
  return cleanText(text, maxLength) as PlainText;
}

/** As plainText, on one line. */
export function plainLine(text: string, maxLength = 150): PlainText {
  return cleanLine(text, maxLength) as PlainText;
}

/**
 * Mrkdwn written by us, with holes: only text that is Mrkdwn already fits a hole, so escaping cannot be forgotten.
 * The template itself is trusted.
 */
export function mrkdwn(template: TemplateStringsArray, ...holes: Mrkdwn[]): Mrkdwn {
  return String.raw({ raw: template }, ...holes) as Mrkdwn;
}

/** Parts joined by our own separator. */
export function joinMrkdwn(parts: readonly Mrkdwn[], separator: '\n' | ' ' | ' · '): Mrkdwn {
  return parts.join(separator) as Mrkdwn;
}

/**
 * A link that shows its own address and nothing else, so that it cannot pose as another. Only http(s) addresses without
 * a user name or password; the address is normalised (international host names become `xn--`). Throws InvalidInputError
 * on `field`.
 */
export function linkMrkdwn(address: string, field: string): Mrkdwn {
  const url = parseHttpAddress(address, field);
  // `|` would start a label, `>` end the link; percent-encoding says the same to the server.
  if (url.length > longestLink) throw new InvalidInputError(field, `is longer than ${longestLink} characters`);
  const safe = url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('`', '%60');
  return `<${safe.replaceAll('&', '&amp;')}>` as Mrkdwn;
}

/** A point in time, shown in the reader's own time zone. */
export function dateMrkdwn(at: Date): Mrkdwn {
  const fallback = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty}, {time}|${fallback}>` as Mrkdwn;
}

/** Mentions a person by id. Throws InvalidInputError on `field` for anything but an id: it must come from Slack or the configuration. */
export function userMrkdwn(id: string, field: string): Mrkdwn {
  if (!/^[UW][A-Z0-9]{2,20}$/.test(id)) throw new InvalidInputError(field, 'is no id of a Slack user (U...)');
  return `<@${id}>` as Mrkdwn;
}

/** Mentions the members of a user group by its id. Throws InvalidInputError on `field` for anything but an id. */
export function groupMrkdwn(id: string, field: string): Mrkdwn {
  if (!/^S[A-Z0-9]{2,20}$/.test(id)) throw new InvalidInputError(field, 'is no id of a Slack user group (S...)');
  return `<!subteam^${id}>` as Mrkdwn;
}

/** The address in normal form. Throws InvalidInputError on `field` for anything but http and https. */
export function parseHttpAddress(address: string, field: string): string {
  let url: URL;
  try {
    url = new URL(cleanLine(address, 2000));
  } catch {
    throw new InvalidInputError(field, 'is not an address; write it as https://host/path');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new InvalidInputError(field, 'only http and https addresses can be linked');
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidInputError(field, 'holds a user name or password, which does not belong into a message');
  }
  return url.href;
}
