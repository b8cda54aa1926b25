import type { IWebhookFunctions } from 'n8n-workflow';
import { isUnder } from '../credential-address';

/** Where this n8n takes what its waiting executions wait for, e.g. `https://n8n.example.com/webhook-waiting`. */
export interface OwnInstance {
  waitingBase: string;
  /** Under which address this n8n reaches itself, when its public one does not lead back to it: `http://localhost:5678`. */
  internalBase: string | undefined;
}

/** Reads it from n8n. Undefined when n8n does not tell it; then nothing may be forwarded. */
export function ownInstance(context: IWebhookFunctions, internalUrl: unknown): OwnInstance | undefined {
  // n8n has no call for it, but builds this address from it; the last segment is the execution's.
  const resumeUrl: unknown = context.evaluateExpression('{{ $execution.resumeUrl }}');
  if (typeof resumeUrl !== 'string') return undefined;
  const base = addressOf(resumeUrl.split('?')[0] ?? '');
  if (base === undefined) return undefined;
  return { waitingBase: base.href.replace(/\/[^/]*$/, ''), internalBase: internalBaseOf(internalUrl) };
}

/**
 * The address to send a click to, or undefined when the text is none of a waiting execution of this very n8n: the text
 * comes out of a message, and whoever gets a message posted must not choose where n8n sends requests to.
 */
export function waitingAddress(own: OwnInstance, text: string): string | undefined {
  const url = addressOf(text);
  if (url === undefined || !isUnder(own.waitingBase, url.href)) return undefined;
  const rest = url.pathname.slice(new URL(own.waitingBase).pathname.length);
  if (!/^\/\d{1,20}\/[A-Za-z0-9%_.-]{1,200}$/.test(rest) || url.hash !== '') return undefined;
  return inside(own, url);
}

/** Where n8n's own Slack node takes its clicks (n8n 2.32 and newer). */
export function builtInSlackAddress(own: OwnInstance): string {
  return inside(own, new URL(`${own.waitingBase}-slack`));
}

/** n8n signs the path and the query of these addresses and not the host, so the host may be exchanged. */
function inside({ internalBase }: OwnInstance, url: URL): string {
  return internalBase === undefined ? url.href : `${internalBase}${url.pathname}${url.search}`;
}

function internalBaseOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return addressOf(value.trim())?.origin;
}

function addressOf(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}
