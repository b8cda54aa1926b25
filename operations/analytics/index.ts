import type { Operation } from '../operation';
import { behavioralAnomalyDetection } from './behavioral-anomaly-detection';
import { getHuntSchedule } from './get-hunt-schedule';
import { huntAnomalousUserBehavior } from './hunt-anomalous-user-behavior';
import { listHunts } from './list-hunts';
import { mapEventsToTechniques } from './map-events-to-techniques';
import { predictAttackProgression } from './predict-attack-progression';
import { runHunt } from './run-hunt';
import { runScheduledHunts } from './run-scheduled-hunts';

/** The operations of this toolset, in the order of a hunt: who is unusual, and what may come next. */
export const analyticsOperations: Operation[] = [
  huntAnomalousUserBehavior,
  behavioralAnomalyDetection,
  mapEventsToTechniques,
  predictAttackProgression,
  listHunts,
  runHunt,
  runScheduledHunts,
  getHuntSchedule,
];
