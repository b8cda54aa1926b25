import type { CoverageItem } from './evidence';

type Looked = Pick<CoverageItem, 'label' | 'source' | 'status'>;

/** Who else came from an address of the alert: asked for context, and too much of it in any office. */
const context = /_address$/;

/**
 * Whether something that was not seen keeps a case from being closed. What has to be complete: each question of the plan, and each
 * sign-in log that is there and names somebody of the alert. What must not have failed: everything that was asked. What may be missing: a log,
 * an edition or a permission that this tenant does not have at all (`not_available`, said in the report each time), what was
 * not connected, and long lists of GitLab and of other people behind an address that were cut.
 */
export function keepsOpen({ label, source, status }: Looked): boolean {
  if (status === 'complete' || status === 'not_available') return false;
  if (status === 'failed') return true;
  return source.startsWith('panther') && !context.test(label);
}

/** The data lake was asked something and answered everything that counts. */
export function isFullyCovered(coverage: readonly Looked[]): boolean {
  const asked = coverage.filter(({ source, status }) => source.startsWith('panther') && status !== 'not_available');
  return asked.length > 0 && !asked.some(keepsOpen);
}

/** Codes of errors that come again with every alert: the tenant or the token does not have it. */
const lasting = ['missing_permission', 'not_found_or_no_access'];

/** Whether a failed look-up tells that there is nothing for this tenant to look at. */
export function isNotAvailable(code: unknown): boolean {
  return typeof code === 'string' && lasting.includes(code);
}
