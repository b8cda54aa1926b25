import { writeFileSync } from 'node:fs';
import { weigh } from '../../operations/analytics/behaviour/weights';
import { readCases, readTenant } from './behaviour-data';
import { compareCase } from './compared-case';
import { fitWeights, halfLives, usualLevel } from './fit-weights';

/** Shares of ordinary days whose score is kept, for tenants that are too small to have quantiles of their own. */
const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995];

/** Fits the weights to all cases below `data` and writes them, with what they come from, to `file`. */
export function fitAndWrite(data: string, file: string): void {
  const cases = readCases(data);
  const tenants = [...new Set(cases.map((one) => one.tenant))].map((name) => readTenant(data, name));
  const compared = cases.flatMap((one) => {
    const tenant = tenants.find(({ name }) => name === one.tenant);
    return tenant === undefined ? [] : [compareCase(one, tenant, halfLives)];
  });
  const weights = fitWeights(compared);
  const ordinary = compared
    .filter(({ of }) => !of.takeover)
    .map(
      ({ day_comparison, usual }) => weigh(day_comparison, weights).score - weights.usual * usualLevel(usual, weights),
    )
    .sort((a, b) => a - b);
  const quantiles = shares.map((share) => [
    String(share),
    Number((ordinary[Math.floor(share * ordinary.length)] ?? 0).toFixed(3)),
  ]);
  const result = {
    provenance: {
      made_by: 'node bench/fit-anomaly-weights.mjs',
      from: 'what people did in public histories of source code, names hashed; a quarter of the days swapped for a team-mate’s',
      days: compared.length,
      tenants: tenants.map(({ name, digest }) => ({ name, digest })),
      method:
        'logistic regression with weights of at least 0 on log-likelihood ratios of own and peers’ habits; dimensions that the histories lack (agent, region, error) have weights by judgement, in fact-terms.ts',
    },
    weights,
    ordinary_quantiles: Object.fromEntries(quantiles),
  };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}
