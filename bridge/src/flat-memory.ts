import { setFlagsFromString } from 'node:v8';

/**
 * Tells the collector to take away what pages leave behind sooner, for commands that stream. By default it lets some 150 MB
 * of garbage gather first, whatever is in use. Costs about a third more time on the processor, most of it while the next
 * page is on its way.
 */
export function keepMemoryFlat(): void {
  // The young generation stays as small as it begins, and the old one is collected when it has grown by seven tenths.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=70');
}
