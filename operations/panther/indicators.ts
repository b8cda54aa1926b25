import { InvalidInputError } from '../errors';
import { stripHidden } from '../text';

/** Panther's indicator types, by its own names: they are also the names of the columns that are searched. */
export const indicatorTypes = [
  'AutoDetectType',
  'SimpleSearch',
  'TextSearch',
  'p_any_actor_ids',
  'p_any_aws_account_ids',
  'p_any_aws_arns',
  'p_any_aws_instance_ids',
  'p_any_aws_tags',
  'p_any_domain_names',
  'p_any_emails',
  'p_any_ip_addresses',
  'p_any_mac_addresses',
  'p_any_md5_hashes',
  'p_any_serial_numbers',
  'p_any_sha1_hashes',
  'p_any_sha256_hashes',
  'p_any_trace_ids',
  'p_any_usernames',
] as const;
export type IndicatorType = (typeof indicatorTypes)[number];

export const mostIndicators = 100;
export const longestIndicator = 1_000;
/** Text search finds parts of words: less than this finds half the lake. */
const shortestText = 4;

/**
 * The indicators to search for: without invisible characters and the space around them, defanged addresses
 * (`evil[.]example`, `hxxps://`) put back, each once. Throws InvalidInputError with the index of one that is empty, too long or
 * would match nearly everything.
 */
export function readIndicators(given: readonly string[], type: IndicatorType): string[] {
  const found = new Set<string>();
  for (const [index, text] of given.entries()) {
    const indicator = refang(stripHidden(text).trim());
    const problem = problemOf(indicator, type);
    if (problem !== undefined) throw new InvalidInputError(`indicators.${index}`, problem);
    found.add(indicator);
  }
  if (found.size === 0) throw new InvalidInputError('indicators', 'give at least one');
  if (found.size > mostIndicators) throw new InvalidInputError('indicators', `at most ${mostIndicators} in one search`);
  return [...found];
}

function problemOf(indicator: string, type: IndicatorType): string | undefined {
  if (indicator === '') return 'is empty';
  if (indicator.length > longestIndicator) return `is longer than ${longestIndicator} characters`;
  if (indicator.includes('\n')) return 'holds several lines; give each indicator as an entry of its own';
  if (indicator.length < 2 || !/[\p{L}\p{N}]/u.test(indicator)) return 'would match nearly everything';
  if (type === 'TextSearch' && indicator.replace(/[^\p{L}\p{N}]/gu, '').length < shortestText) {
    return `needs ${shortestText} letters or digits for TextSearch, which finds parts of words`;
  }
  return undefined;
}

/** The marks with which reports keep addresses from being clicked on. */
function refang(text: string): string {
  return text
    .replace(/\[(\.|:|@|:\/\/)\]/g, '$1')
    .replace(/\[(?:dot)\]/gi, '.')
    .replace(/^hxxp(s?):\/\//i, 'http$1://');
}
