import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const separator = `\n${'-'.repeat(80)}\n\n`;

/**
 * The licences of the libraries that went into a bundle, which ask to be passed on with it. Throws an error that names a
 * library without one.
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root what its paths are relative to
 * @returns {string}
 */
export function licencesOf({ inputs }, root) {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = [...packages].sort().map((place) => {
    const { name, version } = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8'));
    const text = licenceIn(join(root, place));
    if (text === undefined) throw new Error(`${name} has no licence to pass on`);
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return texts.join(separator);
}

/** Which packages such a file is about. */
export function packagesIn(text) {
  return text.split(separator).map((part) => {
    const [, name, version] = /^(\S+) (\S+)\n/.exec(part) ?? [];
    if (name === undefined) throw new Error('a part of the licences does not begin with a package and its version');
    return { name, version };
  });
}

/** Its licence file, or the whole licence as some packages have it at the end of their README. */
function licenceIn(folder) {
  const files = readdirSync(folder);
  const licence = files.find((entry) => /^licen[cs]e/i.test(entry));
  if (licence !== undefined) return readFileSync(join(folder, licence), 'utf8');
  const readme = files.find((entry) => /^readme/i.test(entry));
  if (readme === undefined) return undefined;
  const section = /^(?:#+ *)?licen[cs]e *\n(?:[-=]+ *\n)?([\s\S]+)$/im.exec(
    readFileSync(join(folder, readme), 'utf8'),
  )?.[1];
  return section !== undefined && /copyright[\s\S]+permission is hereby granted/i.test(section) ? section : undefined;
}
