/**
 * Whether an address that Slack gave for an upload, or to answer a click, may be used: it is called without the
 * credential, since the address itself is the permission. Slack's own hosts over https, or the host the API is at (a test
 * server, a proxy in front of Slack); anything else would send a report to whoever wrote the answer.
 */
export function isUploadAddress(baseUrl: string, address: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(baseUrl)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  if (url.origin === new URL(baseUrl).origin) return true;
  return url.protocol === 'https:' && url.port === '' && /(^|\.)slack(-gov)?\.com$/.test(url.hostname);
}
