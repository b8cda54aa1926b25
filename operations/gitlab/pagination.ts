import { BadResponseError } from '../errors';
import { cleanLine } from '../text';

/**
 * Address of the next page, from `Link: <...>; rel="next"` or `x-next-page`; undefined on the last page. Totals are
 * never used: GitLab leaves them out above 10,000 records and on some lists altogether. A link that leaves the API of
 * this instance throws BadResponseError, because the credential would go with it.
 */
export function nextPage(apiUrl: string, current: string, headers: Record<string, string>): string | undefined {
  const link = linkWithRel(headers.link ?? '', 'next');
  if (link !== undefined) return withinApi(apiUrl, current, link);
  const page = headers['x-next-page']?.trim() ?? '';
  if (!/^[1-9]\d{0,8}$/.test(page)) return undefined;
  const url = new URL(current);
  url.searchParams.set('page', page);
  return url.href;
}

function linkWithRel(header: string, rel: string): string | undefined {
  for (const [, target, attributes] of header.matchAll(
    /<([^<>]*)>((?:\s*;\s*[a-z]+\s*=\s*(?:"[^"]*"|[^\s,;"]+))*)/gi,
  )) {
    const found = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s,;"]+))/i.exec(attributes ?? '');
    if ((found?.[1] ?? found?.[2] ?? '').split(/\s+/).includes(rel)) return target;
  }
  return undefined;
}

function withinApi(apiUrl: string, current: string, link: string): string {
  const api = new URL(apiUrl);
  let target: URL;
  try {
    target = new URL(link, current);
  } catch {
    throw new BadResponseError('GitLab', `the link to the next page is no address: ${cleanLine(link, 100)}`);
  }
  const inside =
    target.origin === api.origin &&
    target.username === '' &&
    target.password === '' &&
    target.pathname.startsWith(`${api.pathname}/`);
  if (!inside) {
    throw new BadResponseError(
      'GitLab',
      `the next page is at ${cleanLine(`${target.origin}${target.pathname}`, 150)}, outside ${apiUrl}, so it was not read; the external address set in GitLab may differ from the one of this connection`,
    );
  }
  return target.href;
}
