import type { EvidenceItem } from '../../investigation/evidence';
import { cleanLine } from '../../text';
import { type CloudTrailCall, readCall } from '../attack/cloudtrail-calls';
import type { TacticName } from '../attack/tactics';
import { readTechniqueId, type Technique } from '../attack/technique';

/** One sign of a technique. */
export interface Sign {
  /** In words: `given`, `iam:CreateUser`, `E3`. */
  from: string;
  /** What it was used for: the tactic that the call has, else all tactics of the technique, of which it is at least one. */
  tactics: readonly TacticName[];
  /** `confirmed` may show a stage; a `candidate` rests on a call that only looks around or that everybody makes. */
  standing: 'confirmed' | 'candidate';
}

export interface ObservedTechnique {
  technique: Technique;
  signs: Sign[];
}

/** Whether any sign of it is more than a candidate. */
export function isConfirmed({ signs }: ObservedTechnique): boolean {
  return signs.some(({ standing }) => standing === 'confirmed');
}

export interface Observed {
  techniques: ObservedTechnique[];
  calls: CloudTrailCall[];
  /** What was given and could not be used, each with the reason. */
  unused: { value: string; reason: string }[];
  /** What was read otherwise than written. */
  notes: string[];
}

export interface Given {
  techniques: readonly string[];
  calls: readonly string[];
  evidence: readonly Pick<EvidenceItem, 'id' | 'family' | 'weight' | 'techniques'>[];
}

/** Sorts what was given into techniques and calls. Nothing is dropped silently: what cannot be used is named. */
export function observe(given: Given): Observed {
  const observed: Observed = { techniques: [], calls: [], unused: [], notes: [] };
  for (const text of given.techniques) addTechnique(observed, text, 'given');
  for (const item of given.evidence) addEvidence(observed, item);
  for (const text of given.calls) addCall(observed, text);
  return observed;
}

function addEvidence(observed: Observed, item: Given['evidence'][number]): void {
  if (item.family !== 'hostile' || item.weight <= 0) return;
  for (const text of item.techniques) addTechnique(observed, text, cleanLine(item.id, 40));
}

function addTechnique(observed: Observed, text: string, from: string): void {
  const read = readTechniqueId(text);
  if (read.kind === 'unknown') {
    unused(observed, text, read.reason);
    return;
  }
  const { technique, retiredId } = read;
  if (retiredId !== null) note(observed, `${retiredId} is retired; read as ${technique.id} ${technique.name}`);
  add(observed, technique, { from, tactics: technique.tactics, standing: 'confirmed' });
}

function addCall(observed: Observed, text: string): void {
  const read = readCall(text);
  if (read.kind === 'unknown') {
    unused(observed, text, read.reason);
    return;
  }
  if (read.kind === 'unlisted') {
    unused(observed, read.name, 'the table of calls does not list it, so nothing is concluded from it');
    return;
  }
  const { call, otherServices } = read;
  if (observed.calls.some(({ id }) => id === call.id)) return;
  observed.calls.push(call);
  if (otherServices.length > 0)
    note(observed, `${call.name} is a call of ${[call.service, ...otherServices].join(' and ')}; read as ${call.id}`);
  const standing = call.kind === 'change' ? 'confirmed' : 'candidate';
  for (const technique of call.techniques) {
    const own = technique.tactics.filter((tactic) => call.tactics.includes(tactic));
    add(observed, technique, { from: call.id, tactics: own.length > 0 ? own : technique.tactics, standing });
  }
}

function add(observed: Observed, technique: Technique, sign: Sign): void {
  const known = observed.techniques.find(({ technique: { id } }) => id === technique.id);
  if (known === undefined) observed.techniques.push({ technique, signs: [sign] });
  else if (!known.signs.some(({ from }) => from === sign.from)) known.signs.push(sign);
}

function unused(observed: Observed, value: string, reason: string): void {
  const entry = { value: cleanLine(value, 80), reason };
  if (!observed.unused.some(({ value: known }) => known === entry.value)) observed.unused.push(entry);
}

function note(observed: Observed, text: string): void {
  if (!observed.notes.includes(text)) observed.notes.push(text);
}
