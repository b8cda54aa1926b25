import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Where recorded events are looked for; `SOC_DATA` names another place. They are described in a README of their own and
 * are no part of the repository, so suites that need them are skipped without them.
 */
export const labelledData = resolve(process.env.SOC_DATA ?? join(__dirname, '../../../shared/data'));

export const cloudtrailFolder = join(labelledData, 'cloudtrail');
export const haveCloudtrail = existsSync(join(cloudtrailFolder, 'invictus.ndjson'));
