import { baseCallName } from '../../investigation/sensitive-calls';
import { callById } from '../attack/cloudtrail-calls';

/** One call, as little of it as is needed. */
export interface Call {
  /** Milliseconds since 1970. */
  at: number;
  /** Service and name, such as `iam:CreateUser`. */
  action: string;
  refused: boolean;
}

/** What a call's score is made of; the weighted terms add up to it. */
export interface CallTerms {
  /** How seldom the call is made: -ln of its share of the calls at hand. */
  rarity: number;
  /** ln(1 + n) of the n public incidents in which it was seen. */
  wild: number;
  /** 1 when it was refused. */
  refused: number;
  /** Share of the calls around it that are the same call, 0 to 1: a script asks for one thing, a plan applies many. */
  sameAround: number;
}

/**
 * Round numbers, chosen on one recorded account, where the ranking hardly changes when each is varied by a half. Being an
 * attacker's call alone says nothing: consoles make the same calls when a page is opened.
 */
export const callWeights = { rarity: 0.5, wild: 1, refused: 4, sameAround: 3 } as const;

const aroundMs = 15_000;

/** In how many public incidents a call was seen. CloudTrail writes some names with a date and version behind them. */
export function incidentsWith(action: string): number {
  const [service = '', name = ''] = action.split(':', 2);
  return (callById(action) ?? callById(`${service}:${baseCallName(name)}`))?.incidents ?? 0;
}

export function weighCall({ rarity, wild, refused, sameAround }: CallTerms): number {
  return (
    callWeights.rarity * rarity +
    callWeights.wild * wild +
    callWeights.refused * refused +
    callWeights.sameAround * sameAround
  );
}

/**
 * Ranks the calls of one account in one window: which to look at first. No name of a principal, address or tool is looked
 * at. The result has an entry for each call, in the order given. Time is linear but for sorting.
 */
export function scoreCalls(calls: readonly Call[]): { score: number; terms: CallTerms }[] {
  const counts = new Map<string, number>();
  for (const { action } of calls) counts.set(action, (counts.get(action) ?? 0) + 1);
  const order = calls.map((_, index) => index).sort((a, b) => (calls[a]?.at ?? 0) - (calls[b]?.at ?? 0) || a - b);
  const result = new Array<{ score: number; terms: CallTerms }>(calls.length);
  const near = new Map<string, number>();
  let [from, to] = [0, 0];
  const callAt = (place: number) => calls[order[place] ?? -1];
  for (const index of order) {
    const call = calls[index];
    if (call === undefined) continue;
    for (let next = callAt(to); next !== undefined && next.at <= call.at + aroundMs; next = callAt(to)) {
      near.set(next.action, (near.get(next.action) ?? 0) + 1);
      to += 1;
    }
    for (let first = callAt(from); first !== undefined && first.at < call.at - aroundMs; first = callAt(from)) {
      near.set(first.action, (near.get(first.action) ?? 0) - 1);
      from += 1;
    }
    const terms: CallTerms = {
      rarity: -Math.log((counts.get(call.action) ?? 1) / calls.length),
      wild: Math.log1p(incidentsWith(call.action)),
      refused: call.refused ? 1 : 0,
      sameAround: (near.get(call.action) ?? 0) / (to - from),
    };
    result[index] = { score: weighCall(terms), terms };
  }
  return result;
}
