import { progressionRankers } from './model';
import { isConfirmed, type Observed } from './observed';

/** What a reader must not take the answer for; only what applies to this one. */
export function notKnown(observed: Observed, { similar, cloud }: { similar: number; cloud: boolean }): string[] {
  const { techniques, calls, unused } = observed;
  if (techniques.length === 0 && calls.length === 0) {
    return ['Everything: no usable evidence was given, so there is no stage and no prediction.'];
  }
  const rankers = progressionRankers();
  const unseen = techniques.filter(({ technique }) => !rankers.techniques.knows(technique.id));
  const noIncident = calls.filter(({ id }) => !rankers.calls.knows(id));
  return [
    'Whether this is an attack: predictions hold on that condition only.',
    'The order and the time of next steps: reports list what was used, seldom when.',
    'What attackers do that nobody wrote about: reports and incidents are what was published.',
    ...(techniques.every((one) => !isConfirmed(one)) ? ['Any stage: nothing but candidates was observed.'] : []),
    ...(cloud
      ? [
          'How well the rates hold in clouds alone: most reports are of other systems, and few name techniques of a cloud.',
        ]
      : []),
    ...(calls.length > 0 && similar === 0
      ? ['Which incident this resembles: none of the known ones shares enough of its calls.']
      : []),
    ...(calls.length === 0 ? ['Next AWS calls and similar incidents: no listed API call was given.'] : []),
    ...(unseen.length > 0
      ? [`What follows ${list(unseen.map(({ technique }) => technique.id))}: no report of the training data holds it.`]
      : []),
    ...(noIncident.length > 0
      ? [`What follows ${list(noIncident.map(({ id }) => id))}: no known incident holds it.`]
      : []),
    ...(unused.length > 0
      ? [`What ${unused.length === 1 ? 'one value' : `${unused.length} values`} given meant: see observed.unused.`]
      : []),
  ];
}

function list(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`;
}
