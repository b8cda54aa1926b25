import { X509Certificate } from 'node:crypto';
import { OAuthTokens } from '../access/oauth-tokens';
import { isLoopback } from '../config';
import { readPair } from '../http/tls-files';
import { expiryFindings, type Finding } from './check';
import type { Examination } from './examination';

/** Who can come in and how: the certificate, the authorization server, and whether callers are told apart at all. */
export async function checkAccess({ config, ports }: Examination): Promise<Finding[]> {
  const { access, host } = config;
  const { bridgeToken, signingKeys, oauth, tls, trustedProxies, allowPlainHttp } = access;
  const ways = [
    ...(bridgeToken === undefined ? [] : ['SOC_BRIDGE_TOKEN']),
    ...(signingKeys.length === 0 ? [] : [`${signingKeys.length} signing key${signingKeys.length === 1 ? '' : 's'}`]),
    ...(oauth === undefined ? [] : ['OAuth']),
  ];
  const findings: Finding[] = [
    { level: 'ok', text: `Callers come in by ${[...ways, 'tokens of `soc-bridge tokens`'].join(', ')}.` },
  ];
  if (!isLoopback(host) && tls === undefined && trustedProxies === undefined && !allowPlainHttp)
    findings.push({
      level: 'problem',
      text: `On ${host} it does not start without TLS: set SOC_TLS_CERT_FILE and SOC_TLS_KEY_FILE, or SOC_TRUSTED_PROXIES.`,
    });
  if (allowPlainHttp && !isLoopback(host) && tls === undefined)
    findings.push({ level: 'warning', text: 'Tokens go over the network in the clear (SOC_ALLOW_PLAIN_HTTP).' });
  if (tls !== undefined) findings.push(...certificateFindings(tls, access.publicUrl, ports.now()));
  if (oauth !== undefined) findings.push(...(await issuerFindings(oauth)));
  return findings;
}

function certificateFindings(
  tls: { certFile: string; keyFile: string },
  publicUrl: string | undefined,
  now: Date,
): Finding[] {
  try {
    const certificate = new X509Certificate(readPair(tls).cert);
    const until = new Date(certificate.validTo).toISOString();
    const name = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
    return [
      { level: 'ok', text: `The TLS certificate is valid until ${until.slice(0, 10)}.` },
      ...expiryFindings(until, now, 'Renew it; the bridge takes a new file over by itself.', 'TLS certificate'),
      ...(name === undefined || certificate.checkHost(name) !== undefined
        ? []
        : [{ level: 'problem' as const, text: `The TLS certificate is not for ${name}, the host of SOC_PUBLIC_URL.` }]),
    ];
  } catch (error) {
    return [{ level: 'problem', text: `${(error as Error).message}.` }];
  }
}

async function issuerFindings(settings: ConstructorParameters<typeof OAuthTokens>[0]): Promise<Finding[]> {
  try {
    await new OAuthTokens(settings, () => {}).readKeys();
    return [
      { level: 'ok', text: `The keys of ${settings.issuer} were read; its tokens count for ${settings.audience}.` },
    ];
  } catch (error) {
    return [
      {
        level: 'problem',
        text: `The keys of SOC_OAUTH_ISSUER cannot be read, so that no token of it is taken: ${reasonOf(error)}.`,
      },
    ];
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string }; message?: string };
  return (cause?.message || message) ?? String(error);
}
