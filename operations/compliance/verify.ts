import { canonicalJson } from '../investigation/canonical-json';
import { controlOutcomes } from './controls';
import { readTable, type Table, TableError } from './csv-table';
import { byteLength, manifestText, ruleInput, sha256Of, statusOf } from './evidence-package';
import { exceptionFiles } from './exceptions-file';
import {
  citationsName,
  exceptionsName,
  type Manifest,
  manifestName,
  manifestSchema,
  pageName,
  reasonsOf,
  sealName,
} from './manifest';
import { type PopulationName, populationNames, shapeOf } from './populations';
import { deriveExceptions, rulesVersion } from './rules';
import type { Populations } from './rules/rule';

/** One thing that does not hold. */
export interface Flaw {
  /** The file it is in. */
  file: string;
  problem: string;
}

export interface Verified {
  /** Null when there is no manifest that could be read. */
  manifest: Manifest | null;
  manifestSha256: string | null;
  flaws: Flaw[];
  /** What was checked, for people. */
  checked: string[];
}

/**
 * Checks one package from the bytes of its files: the seal, every hash, that no file is missing or added, the counts, and
 * the exceptions and controls, which are derived again from the populations. `files` are all files of the folder. It says
 * nothing about who made the package: whoever can write the whole folder can make another one that holds, which is why the
 * manifest's hash is to be kept elsewhere too.
 */
export function verifyPackage(files: ReadonlyMap<string, Uint8Array>): Verified {
  const flaws: Flaw[] = [];
  const flaw = (file: string, problem: string) => flaws.push({ file, problem });
  const verified: Verified = { manifest: null, manifestSha256: null, flaws, checked: [] };
  const bytes = files.get(manifestName);
  if (bytes === undefined) {
    flaw(manifestName, 'is missing: this folder is no package');
    return verified;
  }
  verified.manifestSha256 = sha256Of(bytes);
  checkSeal(files.get(sealName), verified.manifestSha256, flaw);
  const manifest = readManifest(bytes, flaw);
  if (manifest === null) return verified;
  verified.manifest = manifest;
  checkFiles(manifest, files, flaw);
  verified.checked.push(`${manifest.files.length} files against their hashes`);
  const tables = readPopulations(manifest, files, flaw);
  verified.checked.push(`${populationNames.length} populations against their counts`);
  if (manifest.rules_version !== rulesVersion) {
    flaw(
      exceptionsName,
      `was made with version ${manifest.rules_version} of the rules, and this program has version ${rulesVersion}: check it with soc-bridge ${manifest.made_by.version}`,
    );
  } else if (tables !== null) {
    checkDerived(manifest, tables, files, flaw);
    verified.checked.push('exceptions and controls, derived again from the populations');
  }
  const reasons = reasonsOf(manifest);
  if (JSON.stringify(reasons) !== JSON.stringify(manifest.reasons) || manifest.status !== statusOf(reasons))
    flaw(manifestName, `says ${manifest.status}, which does not follow from what it says of its parts`);
  return verified;
}

type Report = (file: string, problem: string) => void;

function checkSeal(seal: Uint8Array | undefined, actual: string, flaw: Report): void {
  const text = seal === undefined ? null : textOf(seal);
  if (seal === undefined) flaw(sealName, 'is missing');
  else if (text === null || !/^[0-9a-f]{64} {2}manifest\.json\n$/.test(text))
    flaw(sealName, 'is not in the form of sha256sum');
  else if (text.slice(0, 64) !== actual) {
    flaw(manifestName, `does not have the hash that ${sealName} gives: one of the two was changed`);
    flaw(sealName, `does not give the hash of ${manifestName}: one of the two was changed`);
  }
}

function readManifest(bytes: Uint8Array, flaw: Report): Manifest | null {
  const text = textOf(bytes);
  let value: unknown;
  try {
    value = text === null ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (value === undefined) {
    flaw(manifestName, 'is no JSON in UTF-8');
    return null;
  }
  const read = manifestSchema.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    flaw(manifestName, `is no manifest of this format: ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}`);
    return null;
  }
  if (manifestText(read.data) !== text) flaw(manifestName, 'is not written as this program writes it');
  return read.data;
}

function checkFiles(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>, flaw: Report): void {
  const expected = [...populationNames.map((name) => shapeOf(name).file), exceptionsName, citationsName, pageName];
  const listed = manifest.files.map(({ name }) => name);
  for (const name of expected) if (!listed.includes(name)) flaw(name, 'is not in the manifest');
  for (const { name, bytes: size, sha256 } of manifest.files) {
    const bytes = files.get(name);
    if (bytes === undefined) flaw(name, 'is missing');
    else if (sha256Of(bytes) !== sha256)
      flaw(name, `was changed: it does not have the hash of the manifest (${bytes.length} bytes, ${size} then)`);
  }
  for (const name of files.keys())
    if (![manifestName, sealName, ...listed].includes(name)) flaw(name, 'is not part of the package');
}

function readPopulations(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>, flaw: Report): Populations | null {
  const tables = {} as Record<PopulationName, Table['rows']>;
  let isWhole = true;
  for (const name of populationNames) {
    const { file, columns, counts } = shapeOf(name);
    const record = manifest.populations.find((one) => one.name === name);
    const table = readTableOf(files.get(file), file, flaw);
    if (record === undefined) flaw(manifestName, `says nothing of ${file}`);
    if (table === null || record === undefined) {
      isWhole = false;
      continue;
    }
    if (table.columns.join() !== columns.join()) flaw(file, 'has other columns than this program writes');
    if (record.file !== file) flaw(manifestName, `names another file for ${name}`);
    const events = table.rows.reduce((sum, { cells }) => sum + (counts === undefined ? 1 : Number(cells[counts])), 0);
    if (table.rows.length !== record.rows)
      flaw(file, `has ${table.rows.length} rows, and the manifest says ${record.rows}`);
    if (events !== record.events) flaw(file, `stands for ${events} events, and the manifest says ${record.events}`);
    const reconciled = record.expected_events === null ? null : record.expected_events === events;
    if (reconciled !== record.reconciled)
      flaw(manifestName, `says of ${name} that it was reconciled: ${record.reconciled}; it is ${reconciled}`);
    if (reconciled === false && record.state === 'complete')
      flaw(manifestName, `calls ${name} complete, though its count differs`);
    tables[name] = table.rows;
  }
  return isWhole ? tables : null;
}

function checkDerived(
  manifest: Manifest,
  tables: Populations,
  files: ReadonlyMap<string, Uint8Array>,
  flaw: Report,
): void {
  let input: ReturnType<typeof ruleInput>;
  let derived: ReturnType<typeof deriveExceptions>;
  try {
    input = ruleInput(manifest, tables);
    derived = deriveExceptions(input);
  } catch {
    flaw(manifestName, 'holds parameters or rows that the rules cannot be applied to');
    return;
  }
  const { exceptions, citations } = exceptionFiles(derived, manifest.queries);
  const same = (file: string, text: string) => {
    const bytes = files.get(file);
    return bytes !== undefined && bytes.length === byteLength(text) && sha256Of(bytes) === sha256Of(text);
  };
  if (!same(exceptionsName, exceptions)) flaw(exceptionsName, 'is not what the rules find in the populations');
  if (!same(citationsName, citations)) flaw(citationsName, 'does not cite the rows that the exceptions rest on');
  const outcomes = controlOutcomes(input, manifest.populations, derived);
  if (canonicalJson(outcomes) !== canonicalJson(manifest.controls))
    flaw(manifestName, 'tells of the controls what does not follow from the populations');
}

function readTableOf(bytes: Uint8Array | undefined, file: string, flaw: Report): Table | null {
  const text = bytes === undefined ? null : textOf(bytes);
  if (text === null) {
    if (bytes !== undefined) flaw(file, 'is no text in UTF-8');
    return null;
  }
  try {
    return readTable(text);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    flaw(file, `is no table of this program: ${error.message}`);
    return null;
  }
}

/** Null for bytes that are no UTF-8: what cannot be read must not read as something else. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
