import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { guardedLookup } from './guarded-lookup';

export interface Agents {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
}

/** Agents that dial public addresses only, unless private networks are allowed. */
export function guardedAgents(allowPrivateNetwork: boolean, options: AgentOptions = {}): Agents {
  const guarded = { ...options, ...(allowPrivateNetwork ? {} : { lookup: guardedLookup }) };
  return { httpAgent: new HttpAgent(guarded), httpsAgent: new HttpsAgent(guarded) };
}
