import { isUploadAddress } from './upload-address';

const hosts = ['hooks.slack.com', 'hooks.slack-gov.com'];

/**
 * The address at which Slack takes an answer to a click, when it is Slack's own host for that, or the host the API is at;
 * undefined for any other: then nothing is sent.
 */
export function responseAddress(baseUrl: string, address: string | null): string | undefined {
  if (address === null || !isUploadAddress(baseUrl, address)) return undefined;
  const { hostname, origin } = new URL(address);
  return hosts.includes(hostname) || origin === new URL(baseUrl).origin ? address : undefined;
}
