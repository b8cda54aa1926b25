import { BadResponseError } from '../errors';
import { cleanLine } from '../text';
import { urlSegment } from '../url-segment';
import { plainAlertId } from './alert-id';
import { type AlertRecord, alertRecord } from './alert-shape';
import type { PantherClient } from './client';

/**
 * One alert by its id. An answer about another alert is refused. Throws NotFoundOrNoAccessError for an id that the
 * tenant does not have, which includes every alert of another tenant.
 */
export async function readAlert(client: PantherClient, id: string): Promise<AlertRecord> {
  const record = await client.rest({
    method: 'GET',
    path: `/alerts/${urlSegment(id)}`,
    answer: alertRecord,
    safeToRepeat: true,
    permission: 'AlertRead',
    what: 'to read an alert',
    object: `alert ${cleanLine(id, 128)}`,
  });
  if (record === undefined) throw new BadResponseError('Panther', `alert ${cleanLine(id, 128)} came without a body`);
  if (plainAlertId(record.id) !== plainAlertId(id)) {
    throw new BadResponseError('Panther', `it was asked for alert ${id} and gave ${cleanLine(record.id, 128)}`);
  }
  return record;
}
