// A suite that draws its cases anew each time is red by luck, and nobody learns from it whose change it was. Here every
// property draws the same cases; to search further: FAST_CHECK_SEED=random npm test -- unit (or a number, to see one again).
const { readFileSync } = require('node:fs');

const { FAST_CHECK_SEED: wanted = '20261128' } = process.env;
// Loading the library takes longer than most test files run.
if (wanted !== 'random' && readFileSync(expect.getState().testPath, 'utf8').includes("'fast-check'")) {
  const seed = Number(wanted);
  if (!Number.isSafeInteger(seed))
    throw new Error(`FAST_CHECK_SEED is "${wanted}": a whole number or "random" is needed`);
  require('fast-check').configureGlobal({ seed });
}
