/**
 * Gathers items while the last batch is being written, and writes them together: one commit for a burst instead of one
 * for each. An item on its own is written at once.
 */
export class Batch<T, R> {
  private waiting: { item: T; resolve(result: R): void; reject(error: unknown): void }[] = [];
  private writing = false;

  constructor(
    /** Writes all items and resolves to their results, in order. */
    private readonly write: (items: T[]) => Promise<R[]>,
    private readonly largest: number,
  ) {}

  add(item: T): Promise<R> {
    const result = new Promise<R>((resolve, reject) => this.waiting.push({ item, resolve, reject }));
    if (!this.writing) void this.drain();
    return result;
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.largest);
      try {
        const results = await this.write(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.writing = false;
  }
}
