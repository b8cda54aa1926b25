/** Long enough for n8n to take an execution out of its wait. */
const keptForMs = 30_000;

/**
 * Which approvals are being decided at this moment in this process: of two decisions at a time the second is told so,
 * before it could write to Slack. Between processes n8n itself lets only one of them continue the execution.
 */
export class Claims {
  private readonly taken = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** Whether the caller is the first. */
  take(approvalId: string): boolean {
    const now = this.now();
    for (const [id, until] of this.taken) if (until < now) this.taken.delete(id);
    if (this.taken.has(approvalId)) return false;
    this.taken.set(approvalId, now + keptForMs);
    return true;
  }
}
