import fc from 'fast-check';
import { makePackage, manifestText, sealText, sha256Of } from '../../../operations/compliance/evidence-package';
import { manifestName, sealName } from '../../../operations/compliance/manifest';
import { choosePeriod } from '../../../operations/compliance/period';
import { verifyPackage } from '../../../operations/compliance/verify';
import { merged } from './labelled-exceptions';
import { bytesOf, everyHour, packageOf, row, sourceOf } from './sample-package';

/** One day, so that thousands of looks at a package take no time. */
const period = choosePeriod(new Date('2026-10-07T00:00:00Z'), { zone: 'UTC', period: 'previous_day' });
const rows = {
  merge_requests: [merged({ approved_by: 'jonas' }), merged({ iid: '8', title: '=1+1' })],
  root: [row('root', { time: '2026-10-06T10:00:00.000Z', account: '1', action: 'iam:CreateUser', mfa: 'no' })],
  log_hours: everyHour(period).slice(5),
};
const whole = packageOf(rows, { period });
const encode = (text: string) => new TextEncoder().encode(text);

test('a package holds as it was made', () => {
  expect(verifyPackage(bytesOf(whole))).toMatchObject({ flaws: [], manifestSha256: whole.manifestSha256 });
});

test('any byte changed in any file is found, and the file is named', () => {
  const names = whole.files.map(({ name }) => name);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, place, flip) => {
      const files = bytesOf(whole);
      const bytes = Uint8Array.from(files.get(name) as Uint8Array);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] as number) ^ flip;
      files.set(name, bytes);
      expect(verifyPackage(files).flaws.map(({ file }) => file)).toContain(name);
    }),
    { numRuns: 200 },
  );
});

test('any byte taken out or put in is found, and the file is named', () => {
  const names = whole.files.map(({ name }) => name);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.option(fc.nat({ max: 255 })), (name, place, added) => {
      const files = bytesOf(whole);
      const bytes = [...(files.get(name) as Uint8Array)];
      const at = place % bytes.length;
      if (added === null) bytes.splice(at, 1);
      else bytes.splice(at, 0, added);
      files.set(name, Uint8Array.from(bytes));
      expect(verifyPackage(files).flaws.map(({ file }) => file)).toContain(name);
    }),
    { numRuns: 100 },
  );
});

test('a file that is missing or does not belong is named', () => {
  for (const { name } of whole.files) {
    const files = bytesOf(whole);
    files.delete(name);
    expect(verifyPackage(files).flaws).toContainEqual({ file: name, problem: expect.stringContaining('is missing') });
  }
  const files = bytesOf(whole).set('notes.txt', encode('mine'));
  expect(verifyPackage(files).flaws).toEqual([{ file: 'notes.txt', problem: 'is not part of the package' }]);
});

/** What somebody can do who writes all hashes anew. */
function forged(change: (made: typeof whole) => { name: string; content: string }[], edit = (text: string) => text) {
  const replaced = new Map(change(whole).map(({ name, content }) => [name, content]));
  const files = new Map(whole.files.map(({ name, content }) => [name, replaced.get(name) ?? content]));
  const manifest = {
    ...whole.manifest,
    files: whole.manifest.files.map((file) => {
      const content = files.get(file.name) ?? '';
      return { ...file, bytes: encode(content).length, sha256: sha256Of(content) };
    }),
  };
  const text = edit(manifestText(manifest));
  files.set(manifestName, text).set(sealName, sealText(sha256Of(text)));
  return verifyPackage(new Map([...files].map(([name, content]) => [name, encode(content)])));
}

test('exceptions taken out of their list are found, though every hash was written anew', () => {
  const { flaws } = forged(({ files }) =>
    files
      .filter(({ name }) => name === 'exceptions.csv')
      .map(({ name, content }) => ({ name, content: content.split('\r\n').slice(0, 2).join('\r\n').concat('\r\n') })),
  );
  expect(flaws).toEqual([{ file: 'exceptions.csv', problem: 'is not what the rules find in the populations' }]);
});

test('a row taken out of a population is found by its counts', () => {
  const { flaws } = forged(({ files }) =>
    files
      .filter(({ name }) => name === 'population-root.csv')
      .map(({ name, content }) => ({ name, content: content.split('\r\n').slice(0, 1).join('\r\n').concat('\r\n') })),
  );
  expect(flaws.map(({ file }) => file)).toEqual(expect.arrayContaining(['population-root.csv', 'exceptions.csv']));
});

test('a package is not complete because it says so', () => {
  const cut = makePackage(sourceOf(rows, { period, queries: sourceOf(rows).queries.slice(1) }));
  expect(cut.manifest.status).toBe('INCOMPLETE');
  expect(verifyPackage(bytesOf(cut)).flaws).toEqual([]);
  const text = manifestText({ ...cut.manifest, status: 'COMPLETE', reasons: [] });
  const files = bytesOf(cut)
    .set(manifestName, encode(text))
    .set(sealName, encode(sealText(sha256Of(text))));
  expect(verifyPackage(files).flaws).toEqual([
    { file: manifestName, problem: expect.stringContaining('does not follow') },
  ]);
});

test('another version of the rules does not judge', () => {
  const { flaws } = forged(
    () => [],
    (text) => text.replace('"rules_version": 1', '"rules_version": 999'),
  );
  expect(flaws).toEqual([{ file: 'exceptions.csv', problem: expect.stringContaining('version 999 of the rules') }]);
});

test('what is no manifest is told and never thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const { flaws, manifest } = verifyPackage(new Map([[manifestName, encode(text)]]));
      expect(manifest).toBeNull();
      expect(flaws.length).toBeGreaterThan(0);
    }),
  );
  expect(verifyPackage(new Map()).flaws).toEqual([{ file: manifestName, problem: expect.stringContaining('missing') }]);
});
