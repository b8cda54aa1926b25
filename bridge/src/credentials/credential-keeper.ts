import type { Service } from '../../../operations/ports';
import { type BridgeConfig, type Environment, readConfig } from '../config';
import type { Logger } from '../hosting/logging';
import { SecretResolver } from './secret-resolver';

/** A service that refuses everything does not make us ask the source of its credential for every call. */
const renewAtMostEveryMs = 30_000;

/** The configuration, with secrets from where they are kept; what rotates there is taken over while the bridge runs. */
export class CredentialKeeper {
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<Set<Service>> | undefined;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private logger: Logger | undefined;

  private constructor(
    private readonly resolver: SecretResolver,
    readonly config: BridgeConfig,
    private readonly now: () => number,
  ) {}

  /** Rejects with ConfigError. */
  static async open(environment: Environment, now: () => number = Date.now): Promise<CredentialKeeper> {
    const resolver = new SecretResolver(environment);
    const config = readConfig((await resolver.resolve()).environment);
    const keeper = new CredentialKeeper(resolver, config, now);
    for (const [name, service] of Object.entries(config.services)) {
      if ('missing' in service || !resolver.canChange) continue;
      // What was refused was not acted upon, so that it may be sent again with the new credential.
      service.renew = async () => (await keeper.renew()).has(name as Service);
    }
    return keeper;
  }

  /** Asks again whenever the time that a secret may be kept is over. */
  start(logger: Logger): void {
    this.logger = logger;
    if (!this.resolver.canChange) return;
    this.timer = setInterval(() => void this.renew(), this.resolver.settings.cacheMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Services whose credential is another one now. Never rejects: what cannot be read leaves the credential as it was. */
  async renew(): Promise<Set<Service>> {
    if (this.renewing === undefined) {
      if (this.now() - this.renewedAt < renewAtMostEveryMs) return new Set();
      this.renewedAt = this.now();
      this.renewing = this.adopt().finally(() => {
        this.renewing = undefined;
      });
    }
    return this.renewing;
  }

  private async adopt(): Promise<Set<Service>> {
    const changed = new Set<Service>();
    try {
      this.resolver.forget();
      const fresh = readConfig((await this.resolver.resolve()).environment);
      for (const name of Object.keys(this.config.services) as Service[]) {
        const mine = this.config.services[name];
        const theirs = fresh.services[name];
        if ('missing' in mine || 'missing' in theirs || mine.credential.value === theirs.credential.value) continue;
        mine.credential.value = theirs.credential.value;
        changed.add(name);
      }
      const { signingSecrets } = this.config.approvals;
      // An empty list would switch the endpoint off; that is for a restart to do.
      if (fresh.approvals.signingSecrets.length > 0)
        signingSecrets.splice(0, signingSecrets.length, ...fresh.approvals.signingSecrets);
      if (this.config.model !== undefined && fresh.model !== undefined) this.config.model.apiKey = fresh.model.apiKey;
      if (changed.size > 0) this.logger?.info({ services: [...changed] }, 'rotated credentials were taken over');
    } catch (error) {
      this.logger?.warn({ err: error }, 'credentials could not be read again; those in use stay');
    }
    return changed;
  }
}
