/** `2024-05-14T11:19:20.000000Z 00O+`: time, stream number, O(ut) or E(rr), `+` when it goes on with the line before. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z ([0-9a-f]{2})([OE])([+ ])/;
const stampLength = 32;

export interface LogLines {
  texts: string[];
  /** Indexes of those written to standard error. */
  errors: ReadonlySet<number>;
  /** For those that begin in the first `lead` characters of the log: how many of their characters lie there. */
  leads: ReadonlyMap<number, number>;
}

/** Takes timestamps off. A `+` line goes on with the last line of the same stream, as streams may interleave. */
export function joinContinued(raw: string, lead = 0): LogLines {
  const texts: string[] = [];
  const errors = new Set<number>();
  const leads = new Map<number, number>();
  const lastOf = new Map<string, number>();
  for (let at = 0; at < raw.length; ) {
    const lineEnd = raw.indexOf('\n', at);
    const end = lineEnd < 0 ? raw.length : lineEnd;
    // Most logs have no timestamps, and most lines with one have this sign here.
    const mayBeStamp = end - at >= stampLength && raw.charCodeAt(at + 4) === 0x2d;
    const stamp = mayBeStamp ? timestamp.exec(raw.slice(at, at + stampLength)) : null;
    const start = stamp === null ? at : at + stamp[0].length;
    const text = raw.slice(start, end);
    const stream = stamp === null ? '' : `${stamp[1]}${stamp[2]}`;
    const open = stamp?.[3] === '+' ? lastOf.get(stream) : undefined;
    const index = open ?? texts.length;
    if (at < lead) leads.set(index, (leads.get(index) ?? 0) + Math.max(0, Math.min(end, lead) - start));
    at = end + 1;
    if (open !== undefined) {
      texts[open] += text;
      continue;
    }
    if (stamp?.[2] === 'E') errors.add(index);
    lastOf.set(stream, index);
    texts.push(text);
  }
  return { texts, errors, leads };
}
