import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../../..');

it('docs/operations says what the operations say', async () => {
  const check = promisify(execFile)(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], { cwd: root });
  await expect(check).resolves.toMatchObject({ stderr: '' });
});
