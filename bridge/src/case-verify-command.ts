import { stripHidden } from '../../operations/text';
import { verifyExport } from './case-export';
import { CasePurge } from './store/case-purge';
import { CaseStore } from './store/case-store';
import { withExistingDatabase } from './store/command-database';
import { firstBrokenEvent } from './store/event-chain';
import { firstBrokenTombstone } from './store/tombstones';
import { printable } from './terminal';

interface BrokenCase {
  case_id: string;
  /** Number of the first event that does not fit; null where there is no such case. */
  first_broken_event: number | null;
}

/** `soc-bridge cases verify`: the chains of a database, or those of an export. */
export async function verifyCases(ids: string[], options: { json?: boolean; folder?: string }): Promise<void> {
  if (options.folder === undefined) await verifyDatabase(ids, options.json === true);
  else await verifyFolder(options.folder, ids, options.json === true);
}

async function verifyDatabase(ids: string[], json: boolean): Promise<void> {
  await withExistingDatabase(async (database) => {
    const store = new CaseStore(database);
    const tombstones = await new CasePurge(database).tombstones();
    const purged = new Map(tombstones.map((tombstone) => [tombstone.case_id, tombstone]));
    const brokenTombstone = firstBrokenTombstone(tombstones);
    const broken: BrokenCase[] = [];
    const notes: string[] = [];
    let checked = 0;
    let count = 0;
    for await (const id of ids.length > 0 ? ids : store.ids()) {
      const events = await store.events(id);
      const tombstone = purged.get(id);
      if (tombstone !== undefined && events.length === 0) {
        notes.push(
          `${id}: purged at ${tombstone.purged_at}; its chain had ${tombstone.events} events and ended with ${tombstone.head_hash}`,
        );
        continue;
      }
      checked += 1;
      count += events.length;
      // A case that was purged has no events any more: these were put there.
      const at = tombstone !== undefined ? 1 : events.length === 0 ? null : firstBrokenEvent(events);
      if (at !== undefined) broken.push({ case_id: stripHidden(id), first_broken_event: at });
    }
    if (json) print(JSON.stringify(broken, null, 2));
    else {
      for (const { case_id, first_broken_event: at } of broken)
        print(at === null ? `${case_id}: no such case, or its events are gone` : `${case_id}: BROKEN at event ${at}`);
      for (const note of notes) print(note);
      print(
        `${checked} ${checked === 1 ? 'case' : 'cases'}, ${count} events: ${broken.length === 0 ? 'every chain holds' : `${broken.length} do not hold`}`,
      );
      if (tombstones.length > 0) print(tombstoneLine(tombstones.length, brokenTombstone));
    }
    if (json && brokenTombstone !== undefined)
      process.stderr.write(`soc-bridge: ${tombstoneLine(tombstones.length, brokenTombstone)}\n`);
    if (broken.length > 0 || brokenTombstone !== undefined) process.exitCode = 1;
  });
}

async function verifyFolder(folder: string, ids: string[], json: boolean): Promise<void> {
  const { cases, tombstones, brokenTombstone } = await verifyExport(folder);
  const wanted = ids.length === 0 ? cases : cases.filter(({ case_id }) => ids.includes(case_id));
  const missing = ids.filter((id) => !cases.some(({ case_id }) => case_id === id));
  const bad = wanted.filter(({ problems }) => problems.length > 0);
  if (json)
    print(
      JSON.stringify(
        [...bad, ...missing.map((id) => ({ case_id: id, problems: ['it is not in this export'] }))],
        null,
        2,
      ),
    );
  else {
    for (const { case_id, events, head_hash, problems } of wanted)
      print(
        problems.length === 0
          ? `${case_id}: ${events} events, the last is ${head_hash}`
          : `${case_id}: BROKEN: ${problems.map(printable).join('; ')}`,
      );
    for (const id of missing) print(`${printable(id)}: it is not in this export`);
    print(
      `${wanted.length} ${wanted.length === 1 ? 'case' : 'cases'}: ${bad.length === 0 ? 'all hold' : `${bad.length} do not hold`}`,
    );
    if (tombstones > 0 || brokenTombstone !== undefined) print(tombstoneLine(tombstones, brokenTombstone));
  }
  if (bad.length > 0 || missing.length > 0 || brokenTombstone !== undefined) process.exitCode = 1;
}

function tombstoneLine(count: number, broken: number | undefined): string {
  const cases = `${count} purged ${count === 1 ? 'case' : 'cases'}`;
  return broken === undefined
    ? `${cases}: the chain of tombstones holds`
    : `${cases}: the chain of tombstones is BROKEN at ${broken}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
