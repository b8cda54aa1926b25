import type { Logger } from './logging';

/** The log of one call: every line carries what the call is known by. */
export class CallLog {
  private child: Logger | undefined;

  /** `marks` are the fields of every line, e.g. `request_id`. */
  constructor(
    private readonly process: Logger,
    private readonly marks: Readonly<Record<string, unknown>>,
  ) {}

  /** For all but the one line that most calls write: a logger of its own costs as much as several lines. */
  get logger(): Logger {
    this.child ??= this.process.child(this.marks);
    return this.child;
  }

  info(fields: Record<string, unknown>, message: string): void {
    this.process.info({ ...this.marks, ...fields }, message);
  }
}
