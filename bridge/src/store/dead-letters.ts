import type { Database } from './database';

/** A case that was given up, with why. Times are ISO 8601 in UTC. */
export interface DeadLetter {
  id: string;
  case_id: string;
  title: string;
  reason: string;
  attempts: number;
  at: string;
}

/** Cases that the automated part has given up and nobody has taken up since, oldest first. */
export async function deadLetters({ db }: Database): Promise<DeadLetter[]> {
  return db
    .selectFrom('dead_letters')
    .innerJoin('security_investigations as found', 'found.id', 'dead_letters.case_id')
    .select([
      'dead_letters.id',
      'dead_letters.case_id',
      'found.title',
      'dead_letters.reason',
      'dead_letters.attempts',
      'dead_letters.at',
    ])
    .where('found.status', '=', 'failed')
    .orderBy('dead_letters.at')
    .orderBy('dead_letters.id')
    .execute();
}
