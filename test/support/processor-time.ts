/** What `yardstick` takes on a machine of today, in milliseconds of its processor. */
const usualMs = 12;
let slowness: number | undefined;

/**
 * What some work on this thread takes of the processor, in milliseconds of a machine of today: unlike the time on the clock, it does not
 * grow with what else the machine does, and a slower processor counts fewer of its own, as many as some work that is always the same takes
 * longer on it.
 */
export function processorMs(work: () => void): number {
  slowness ??= Math.max(1, Math.min(...Array.from({ length: 5 }, () => spent(yardstick))) / usualMs);
  return spent(work) / slowness;
}

function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Texts, patterns, sorting and maps, as in what is measured. */
function yardstick(): number {
  const words = Array.from({ length: 20_000 }, (_, index) => `word-${(index * 7919) % 10_007}`).sort();
  let length = 0;
  for (const [, digits = ''] of words.join(' ').matchAll(/word-(\d+)/g)) length += digits.length;
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return length + counts.size;
}
