/**
 * How the bridge's program is bundled, by the build, the benches and the tests alike: what its start needs is one file, because to find
 * and read the same code as 700 files of its packages takes longer than to run it. Outside stay packages with native parts, and
 * those that only some installations ever load.
 * @type {import('esbuild').BuildOptions}
 */
export const bridgeBundle = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  external: ['@aws-sdk/*', '@napi-rs/keyring', '@slack/socket-mode', 'axios', 'pg'],
};

/** In front of each file: some of the packages are CommonJS and ask for Node's own modules with `require`. */
export const requireBanner =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";
