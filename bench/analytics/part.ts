/** One line of the table of figures, as bench/benchmarks-page.mjs prints it. */
export interface Figure {
  name: string;
  measured: string;
  floor: string;
  met: boolean;
  meaning: string;
}

/** What one part measured. */
export interface PartResult {
  /** Goes into the JSON file under these keys. Numbers are raw; shares are from 0 to 1. */
  json: Record<string, unknown>;
  figures: Figure[];
  /** Sentences that explain the figures. */
  notes: string[];
  /** What it would have needed, when it turned out to have nothing to measure. */
  skipped?: string[];
  /** Lines of Markdown: tables beside the figures. */
  tables?: string[];
}

/** One part of the analytics benchmark: a file of its own, one line in parts.ts. */
export interface Part {
  name: string;
  /** Files below the data folder, without which the part is named and skipped. */
  needs: string[];
  /** `data` is the folder; `say` prints progress. Throws on data that it cannot read. */
  run(data: string, say: (text: string) => void): Promise<PartResult>;
}
