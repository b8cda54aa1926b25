import { PantherClient } from '../../../operations/panther/client';
import { readOwnToken } from '../../../operations/panther/token-record';
import type { Ports } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import type { Logger } from './logging';

const freshMs = 300_000;
/** A token that could not be read is asked for again sooner, but not for every list of tools. */
const retryMs = 30_000;
const waitMs = 3_000;

/** What the bridge's token of Panther may do, read when it is asked for and remembered for five minutes. */
export class PantherToken {
  private held: readonly string[] | undefined;
  private until = 0;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly ports: () => Ports,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  /** Permissions by Panther's names; undefined when Panther did not tell. Never rejects, and takes at most 3 s. */
  async permissions(): Promise<readonly string[] | undefined> {
    if (this.now() >= this.until) {
      this.reading ??= this.read().finally(() => {
        this.reading = undefined;
      });
      await this.reading;
    }
    return this.held;
  }

  private async read(): Promise<void> {
    try {
      const ports = this.ports();
      const client = await PantherClient.connect(ports, new Deadline(ports, waitMs));
      this.held = (await readOwnToken(client)).permissions;
      this.until = this.now() + freshMs;
    } catch (error) {
      this.logger.warn(
        { err: error },
        'the permissions of the Panther token cannot be read; no tool is withheld for them',
      );
      this.held = undefined;
      this.until = this.now() + retryMs;
    }
  }
}
