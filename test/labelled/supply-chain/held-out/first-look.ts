/**
 * How the held-out part did when it was measured: before any signal was tuned, and after tuning on the development part, before
 * anybody had seen what was wrong in it. What it then showed as plain faults was corrected (images matched by another key, a
 * doubled `s` taken for a plural, addresses compared as versions, `-` and `_` in the names of crates), so that later figures of
 * it are no longer those of something unseen.
 */
export const firstLook = {
  untuned: { detected: 44, attacks: 59, falseAlarms: 5, ordinary: 57 },
  unseen: { detected: 52, attacks: 59, falseAlarms: 1, ordinary: 57 },
} as const;
