import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { CaseRecord } from '../../operations/cases';
import { settledStatuses } from '../../operations/cases';
import { ConflictError } from '../../operations/errors';
import { Bridge, type Capabilities } from './bridge';
import { caseJson, caseText } from './case-text';
import { CredentialKeeper } from './credentials/credential-keeper';
import { createLogger } from './hosting/logging';
import { readJson } from './http/intake';
import { Driving } from './store/driving';
import { firstBrokenEvent } from './store/event-chain';
import { whileHolding } from './store/lease';
import { type Colour, painter, printable } from './terminal';

/** Status of the process when a person has to look at the case. */
const needsPerson = 3;
const interrupted = 130;

/** `soc-bridge investigate`: one alert from a file to its verdict, in this process, kept as a case like any other. */
export function addInvestigateCommand(program: Command, capabilities: Capabilities, version: string): void {
  program
    .command('investigate')
    .description('investigate the alert in a file, or - for standard input, and keep it as a case')
    .argument('<alert.json>')
    .option('--json', 'the whole case as JSON')
    .addHelpText(
      'after',
      `
The same alert again shows its case. Progress goes to a terminal only. Ctrl-C keeps what was found out; the same command, or a
running bridge, goes on from there.
Exit status: 0 closed, nothing is left to do; 3 a person has to look; 1 failed; 130 interrupted.`,
    )
    .action((file: string, options: { json?: boolean }) => investigate(file, options, capabilities, version));
}

async function investigate(
  file: string,
  { json }: { json?: boolean },
  capabilities: Capabilities,
  version: string,
): Promise<void> {
  const read = await readAlert(file);
  const credentials = await CredentialKeeper.open(process.env);
  // A person reads along: log lines only if asked for.
  const logger = createLogger((process.env.LOG_LEVEL ?? '') === '' ? 'silent' : credentials.config.logLevel);
  const bridge = await Bridge.open(credentials.config, capabilities, version, logger);
  credentials.start(logger);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = new Progress();
  try {
    const record = await drive(bridge, capabilities, read, stop.signal, progress);
    progress.end();
    await show(bridge, record, json === true);
    process.exitCode = record.status === 'closed' ? 0 : record.status === 'failed' ? 1 : needsPerson;
  } catch (error) {
    progress.end();
    if (!stop.signal.aborted) throw error;
    process.stderr.write(`soc-bridge: interrupted; ${progress.caseId ?? 'no case'} is kept as it stands.\n`);
    process.exitCode = interrupted;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
    credentials.stop();
    await bridge.close();
  }
}

async function readAlert(file: string): Promise<{ alert: unknown; text: string }> {
  const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
  const read = readJson(bytes);
  const name = file === '-' ? 'Standard input' : file;
  if ('problem' in read) throw new Error(`${name} is ${read.problem}; it has to hold one alert as JSON.`);
  return read;
}

/** Opens the case and drives it as the bridge itself would, with a lease that keeps others away meanwhile. */
async function drive(
  bridge: Bridge,
  { open, resume }: Capabilities,
  { alert, text }: { alert: unknown; text: string },
  signal: AbortSignal,
  progress: Progress,
): Promise<CaseRecord> {
  const { host, store, config, logger } = bridge;
  const call = { logger, caseLeaseMs: config.leaseMs, progress: progress.report };
  const { case_id: caseId } = await open(host.ports({ ...call, signal }), alert, text);
  progress.begin(caseId);
  const driving = new Driving(store);
  const attempts = await driving.claim(caseId, true);
  const found = await store.get(caseId);
  if (found === undefined) throw new Error(`The case ${caseId} is gone.`);
  if (attempts === undefined) {
    if (settledStatuses.includes(found.status)) return found;
    throw new ConflictError(
      `Case ${caseId} is being investigated by another process; see soc-bridge cases show ${caseId}.`,
      { case_id: caseId },
    );
  }
  const lost = new AbortController();
  const ports = host.ports({ ...call, signal: AbortSignal.any([signal, lost.signal]) });
  const renew = async () => {
    if (!(await driving.renew(caseId))) lost.abort();
  };
  try {
    const record = await whileHolding(config.leaseMs, renew, () => resume(ports, caseId));
    await driving.release(caseId, {});
    return record;
  } catch (error) {
    // At once free: the same command again, or a running bridge, goes on from what is finished.
    await driving.release(caseId, { uncounted: signal.aborted, error: printable((error as Error).message) });
    throw error;
  }
}

async function show(bridge: Bridge, record: CaseRecord, json: boolean): Promise<void> {
  if (json) {
    process.stdout.write(`${caseJson(record)}\n`);
    return;
  }
  const paint = painter(process.stdout);
  const events = await bridge.store.events(record.id);
  const verdict = `${(record.outcome ?? 'no verdict').replaceAll('_', ' ').toUpperCase()}, ${record.severity}`;
  process.stdout.write(`${paint('bold', paint(colourOf(record), verdict))}\n`);
  process.stdout.write(`${caseText(record, events, firstBrokenEvent(events))}\n`);
  process.stdout.write(`Report: soc-bridge cases report ${record.id} --format html --out ${record.id}.html\n`);
}

function colourOf({ outcome }: CaseRecord): Colour {
  if (outcome === 'true_positive') return 'red';
  return outcome === 'false_positive' || outcome === 'benign_positive' ? 'green' : 'yellow';
}

/** What is being done, on one line of a terminal that is written anew; nothing where no terminal is. */
class Progress {
  caseId: string | undefined;
  private readonly shown = process.stderr.isTTY === true;
  private readonly paint = painter(process.stderr);

  begin(caseId: string): void {
    this.caseId = caseId;
    this.draw(`Case ${caseId}`);
  }

  readonly report = (message: string, done?: number, total?: number): void => {
    const count = done === undefined || total === undefined ? '' : `${this.paint('dim', `[${done}/${total}]`)} `;
    this.draw(`${count}${printable(message)}`);
  };

  /** Leaves a clean line behind. */
  end(): void {
    this.draw('');
  }

  private draw(text: string): void {
    if (this.shown) process.stderr.write(`\r\u001b[K${text}`);
  }
}
