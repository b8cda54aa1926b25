/**
 * Waits until `check` gives something. The time limit is a net for what never comes, not a demand: a busy machine may take as
 * long as it likes.
 */
export async function eventually<T>(
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 90_000,
): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`nothing within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** Waits until `condition` holds. */
export async function untilTrue(condition: () => boolean | Promise<boolean>, timeoutMs?: number): Promise<void> {
  await eventually(async () => (await condition()) || undefined, timeoutMs);
}
