import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BehaviourDay, behaviourDay } from '../../operations/analytics/behaviour/behaviour-rows';
import { mostRows } from '../../operations/analytics/behaviour/behaviour-sql';
import { riskOf } from '../../operations/analytics/behaviour/ordinary';
import { scoreDays } from '../../operations/analytics/behaviour/score-days';
import type { StreamedRow } from '../../operations/row-stream';
import type { Part } from './part';
import { simulatedRows } from './simulated-rows';

/** Fewer only to try something out. */
const rows = Number(process.env.SOC_BENCH_ROWS ?? 1_000_000);
const floors = { times: 10, growthMiB: 64 };
const mib = 2 ** 20;

/** From rows to risks, beside reading and parsing the same rows; and whether memory stays flat over many windows. */
export const speed: Part = {
  name: 'speed',
  needs: [],
  async run(_data, say) {
    const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
    const file = join(folder, 'rows.ndjson');
    try {
      const lines = simulatedRows(mostRows);
      const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
      writeFileSync(file, `${lines.join('\n')}\n`);
      lines.length = 0;
      const windows = Math.ceil(rows / mostRows);
      let reading = 0;
      let scoring = 0;
      let judged = 0;
      let first = 0;
      let last = 0;
      for (let window = 0; window < windows; window += 1) {
        // Reading and scoring take turns in small steps, so that whoever else is at work slows both.
        const start = process.cpuUsage();
        const parsed = readRows(file);
        const read = process.cpuUsage(start);
        const days = parsed.map(behaviourDay).filter((day): day is BehaviourDay => day !== undefined);
        const { scored, calibration } = scoreDays(days, 1);
        for (const { score } of scored) judged += riskOf(calibration.share(score)) >= 0 ? 1 : 0;
        const both = process.cpuUsage(start);
        reading += read.user + read.system;
        scoring += both.user + both.system - read.user - read.system;
        const heap = afterCollection();
        if (window === 1) first = heap;
        last = heap;
        if ((window + 1) % 5 === 0) say(`${window + 1} of ${windows} windows`);
      }
      const times = scoring / reading;
      const growth = (last - first) / mib;
      const perRow = (microseconds: number) => `${(microseconds / (windows * mostRows)).toFixed(1)} µs`;
      return {
        json: { speed: { times_of_parsing: times, heap_growth_mib: growth, rows: windows * mostRows } },
        figures: [
          {
            name: 'Scoring a million aggregate rows, compared with reading and parsing them',
            measured: `${times.toFixed(2)} times (${perRow(scoring)} a row to ${perRow(reading)})`,
            floor: `at most ${floors.times} times`,
            met: times <= floors.times,
            meaning: `time on the processor from parsed rows to risks, for ${windows} windows of ${mostRows.toLocaleString('en-US')} rows, which is the most that one query gives; rows have ${Math.round(bytes / mostRows)} bytes. Of each window ${Math.round(judged / windows).toLocaleString('en-US')} days are judged, and the last ordinary days of each entity with them.`,
          },
          {
            name: 'Growth of memory over those windows',
            measured: `${growth.toFixed(1)} MiB`,
            floor: `under ${floors.growthMiB} MiB`,
            met: growth < floors.growthMiB,
            meaning: 'heap in use after garbage collection behind the last window, less that behind the second.',
          },
        ],
        notes: ['Rows for the speed are simulated, and the same ones in every window.'],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Rows of a file of NDJSON, read in pieces. */
function readRows(file: string): StreamedRow[] {
  const result: StreamedRow[] = [];
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(mib);
  try {
    let rest = '';
    for (;;) {
      const size = readSync(descriptor, buffer, 0, buffer.length, null);
      if (size === 0) break;
      const lines = (rest + buffer.toString('latin1', 0, size)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) result.push(JSON.parse(line) as StreamedRow);
    }
  } finally {
    closeSync(descriptor);
  }
  return result;
}

/** Heap in use without garbage, in bytes. */
function afterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
