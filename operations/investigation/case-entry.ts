import type { z } from 'zod';
import type { CaseListEntry } from '../cases';
import type { caseEntrySchema } from './case-parts';

/** A case of a list as operations return it: enough to choose by, a few hundred characters each. */
export function entryOf({ id, alert, ...entry }: CaseListEntry): z.output<typeof caseEntrySchema> {
  return {
    case_id: id,
    ...entry,
    reason: entry.reason === null ? null : entry.reason.slice(0, 500),
    alert_id: alert.id,
    source: alert.source,
    tenant: alert.tenant,
    rule_id: alert.rule?.id ?? null,
  };
}
