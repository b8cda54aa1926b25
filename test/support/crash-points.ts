import { openDatabase } from '../../bridge/src/store/database';
import type { CaseRecord } from '../../operations/cases';
import { buildTestMain, Program } from './bridge/processes';
import { createScratchDatabase } from './bridge/scratch-postgres';
import { crashPointName } from './crash-point-name';
import { finalRow } from './final-row';
import { slackMessages } from './slack-messages';
import { SocStack } from './soc-stack';

export type Engine = 'SQLite' | 'PostgreSQL';

/** What a case left behind: its row, its effects in the ledger, and what people were told of it in Slack. */
export interface Left {
  row: ReturnType<typeof finalRow>;
  effects: { key: string; state: string }[];
  events: string[];
  messages: number;
}

/**
 * The real chain over one database: a bridge that lives, which is the shipped program, and for each point one that is killed there. The
 * points are read from the ledgers of a case that nobody interrupted.
 */
export class CrashSite {
  points: readonly string[] = [];
  reference!: Left;
  private rest: (() => Promise<void> | void)[] = [];

  private constructor(
    private readonly stack: SocStack,
    private readonly main: string,
    private readonly databaseUrl: string,
  ) {}

  static async open(engine: Engine): Promise<CrashSite> {
    const rest: (() => Promise<void> | void)[] = [];
    try {
      const main = await buildTestMain('test/support/bridge/crash-main.ts');
      rest.unshift(() => main.remove());
      const scratch = engine === 'PostgreSQL' ? await createScratchDatabase() : undefined;
      if (scratch !== undefined) rest.unshift(() => scratch.drop());
      const bridge: Record<string, string> = {
        SOC_LEASE_SECONDS: '1',
        SOC_CASE_LEASE_SECONDS: '1',
        SOC_RECONCILE_SECONDS: '1',
        // A bridge that is killed takes others' cases with it that it has just taken over; giving up has tests of its own.
        SOC_MAX_ATTEMPTS: '50',
      };
      if (scratch !== undefined) bridge.SOC_DATABASE_URL = scratch.url;
      const stack = await SocStack.start(`crash-points-${engine}`, { n8n: false, bridge });
      rest.unshift(() => stack.stop());
      const site = new CrashSite(stack, main.file, stack.environment.SOC_DATABASE_URL ?? '');
      const record = await stack.settledCase(await site.send(stack.bridge.url, 'crash-reference'));
      site.points = await site.pointsOf(record.id);
      site.reference = await site.left(record);
      site.rest = rest;
      return site;
    } catch (error) {
      for (const end of rest) await end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.rest) await end();
  }

  /**
   * Sends an alert to a bridge that is killed at the point; the other one brings the case to its end. Throws when no bridge came
   * to the point.
   */
  async killedAt(point: string): Promise<Left> {
    // On a busy machine the other bridge may take the case before this one comes to its point: once more.
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const alert = `crash-${this.points.indexOf(point)}-${attempt}`;
      const doomed = new Program(this.main, ['serve'], {
        cwd: this.stack.folder,
        env: {
          ...this.stack.environment,
          SOC_BRIDGE_PORT: '0',
          SOC_RECONCILE_SECONDS: '3600',
          KILL_AT: point,
          KILL_ALERT: alert,
        },
      });
      try {
        // Killed while it opens the case: no answer comes, and the sender tries again elsewhere.
        await this.send(await doomed.url(), alert).catch(() => undefined);
        const ended = await doomed.endedWithin(20_000);
        const record = await this.stack.settledCase(await this.send(this.stack.bridge.url, alert), 60_000);
        if (ended?.signal === 'SIGKILL') return await this.left(record);
      } finally {
        await doomed.stop('SIGKILL');
      }
    }
    throw new Error(`no bridge came to the point "${point}"`);
  }

  private async send(url: string, id: string): Promise<string> {
    const response = await fetch(`${url}/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.stack.bridgeToken}` },
      body: JSON.stringify(await this.stack.sampleAlert(id)),
    });
    if (response.status !== 202) throw new Error(`an alert was answered with ${response.status}`);
    return ((await response.json()) as { case_id: string }).case_id;
  }

  /** Between every two writes of the ledgers: a stage or an effect claimed, done but not written down, written down; an event made. */
  private async pointsOf(caseId: string): Promise<string[]> {
    const { stages, effects, events } = await this.ledgers(caseId);
    return [
      ...stages.flatMap((stage) => ['claimed', 'worked', 'done'].map((moment) => `stage ${stage} ${moment}`)),
      ...effects.flatMap(({ key }) => ['claimed', 'performed', 'done'].map((moment) => `effect ${key} ${moment}`)),
      ...[...new Set(events)].map((type) => `event ${type}`),
    ];
  }

  private async left(record: CaseRecord): Promise<Left> {
    const { effects, events } = await this.ledgers(record.id);
    const told = (await slackMessages(this.stack)).filter((message) => JSON.stringify(message).includes(record.id));
    return { row: finalRow(record), effects, events, messages: told.length };
  }

  private async ledgers(caseId: string) {
    const { db, close } = await openDatabase(this.databaseUrl);
    try {
      const stages = await db
        .selectFrom('stages')
        .select('stage')
        .where('case_id', '=', caseId)
        .orderBy('started_at')
        .orderBy('stage')
        .execute();
      const effects = await db
        .selectFrom('effects')
        .select(['key', 'state'])
        .where('case_id', '=', caseId)
        .orderBy('key')
        .execute();
      const events = await db
        .selectFrom('investigation_events')
        .select('type')
        .where('case_id', '=', caseId)
        .orderBy('seq')
        .execute();
      return {
        stages: stages.map(({ stage }) => crashPointName(caseId, stage)),
        effects: effects.map(({ key, state }) => ({ key: crashPointName(caseId, key), state })),
        events: events.map(({ type }) => type),
      };
    } finally {
      await close();
    }
  }
}
