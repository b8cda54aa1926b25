import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

const root = resolve(__dirname, '../../..');

/** Modules from outside that the shared layer needs while it runs. */
function modulesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = ts.createSourceFile(name, readFileSync(join(root, folder, name), 'utf8'), ts.ScriptTarget.Latest);
      return file.statements.flatMap((statement) => {
        if (!ts.isImportDeclaration(statement) || statement.importClause?.isTypeOnly === true) return [];
        const { text } = statement.moduleSpecifier as ts.StringLiteral;
        return text.startsWith('.') ? [] : [text];
      });
    });
}

/** The bridge is a module whose libraries stay outside of it, and Node finds those by whole names of files only. */
test('what the operations import is found by Node itself', async () => {
  const modules = [...new Set(modulesOf('operations'))].sort();
  expect(modules).toContain('yaml');
  const code = `for (const name of ${JSON.stringify(modules)}) await import(name);`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: join(root, 'bridge'),
    env: { PATH: process.env.PATH },
  });
  expect(stderr).toBe('');
});
