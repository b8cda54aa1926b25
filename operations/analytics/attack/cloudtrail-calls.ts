import { baseCallName, harmless, isReadName, sensitiveReads } from '../../investigation/sensitive-calls';
import table from './cloudtrail-calls.json';
import { type TacticName, tacticById } from './tactics';
import { type Technique, techniqueNamed } from './technique';

/**
 * What a call says when it is part of an attack. `change`: it changes something or hands out secrets, and may show a
 * stage. `read_only`: it looks around; consoles and inventories do so all day, so it names candidates and no stage.
 * `everyday`: every client makes it by itself, such as AssumeRole.
 */
export type CallKind = 'change' | 'read_only' | 'everyday';

export interface CloudTrailCall {
  /** `iam:CreateUser`. */
  id: string;
  service: string;
  name: string;
  kind: CallKind;
  techniques: readonly Technique[];
  tactics: readonly TacticName[];
  /** In how many of the incidents of the model it was seen. */
  incidents: number;
}

/** Where the table comes from, for results and reports. */
export const callTableSource = table.provenance.from;

const byId = new Map<string, CloudTrailCall>();
const byName = new Map<string, CloudTrailCall[]>();
// Lambda's calls are listed with their version, and looked up with and without.
const spellings = (name: string) => [...new Set([name, baseCallName(name)])].map((text) => text.toLowerCase());
for (const row of table.calls) {
  const call = callOf(row);
  for (const name of spellings(call.name)) {
    byId.set(`${call.service}:${name}`, call);
    byName.set(name, [...(byName.get(name) ?? []), call]);
  }
}

function callOf(row: string): CloudTrailCall {
  const [id = '', techniques = '', tactics = '', incidents = '0'] = row.split('|');
  const [service = '', name = ''] = id.split(':');
  const named = tactics.split(' ').flatMap((tactic) => tacticById(tactic) ?? []);
  return {
    id,
    service,
    name,
    kind: kindOf(name, named),
    techniques: techniques.split(' ').flatMap((technique) => techniqueNamed(technique) ?? []),
    tactics: named,
    incidents: Number(incidents),
  };
}

function kindOf(name: string, tactics: readonly TacticName[]): CallKind {
  if (harmless.has(name)) return 'everyday';
  if (sensitiveReads.includes(baseCallName(name))) return 'change';
  const onlyDiscovery = tactics.length > 0 && tactics.every((tactic) => tactic === 'Discovery');
  return onlyDiscovery || isReadName(name) ? 'read_only' : 'change';
}

export type ReadCall =
  | { kind: 'call'; call: CloudTrailCall; otherServices: string[] }
  | { kind: 'unlisted'; name: string; readOnly: boolean }
  | { kind: 'unknown'; reason: string };

/**
 * Reads a call as logs and people write it: `CreateUser`, `iam:CreateUser`, `iam.amazonaws.com/CreateUser`, in any case,
 * with AWS's version suffix. Of several services with the name, the one seen in most incidents is taken and the others
 * are named. A name in the shape of a call that the table lacks is `unlisted`: nothing is known of it.
 */
export function readCall(text: string): ReadCall {
  const match =
    /^\s*(?:([a-z0-9-]{1,60})(?:\.amazonaws\.com(?:\.cn)?)?\s*[:/]\s*)?([A-Za-z][A-Za-z0-9]{1,127})\s*$/.exec(text);
  if (match === null) return { kind: 'unknown', reason: 'not the name of an AWS API call, such as iam:CreateUser' };
  const [, service, written = ''] = match;
  const name = baseCallName(written);
  if (service !== undefined) {
    const call = byId.get(`${service}:${name}`.toLowerCase());
    if (call !== undefined) return { kind: 'call', call, otherServices: [] };
    return { kind: 'unlisted', name: `${service}:${name}`, readOnly: isReadName(name) };
  }
  const [call, ...others] = [...(byName.get(name.toLowerCase()) ?? [])].sort((a, b) => b.incidents - a.incidents);
  if (call === undefined) return { kind: 'unlisted', name, readOnly: isReadName(name) };
  return { kind: 'call', call, otherServices: others.map(({ service: other }) => other) };
}

/** The call with this id, as the model writes it. */
export function callById(id: string): CloudTrailCall | undefined {
  return byId.get(id.toLowerCase());
}

/** How many calls the table has. */
export const listedCalls = table.calls.length;
