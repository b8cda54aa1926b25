/**
 * What some work on this thread takes of the processor, in milliseconds: unlike the time on the clock, it does not grow with what else
 * the machine does.
 */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
