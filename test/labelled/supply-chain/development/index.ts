import type { LabelledChange } from '../labelled-change';
import { developmentPackageAttacks } from './attacks-on-packages';
import { developmentPipelineAttacks } from './attacks-on-pipelines';
import { developmentOrdinary } from './ordinary';

/** What signals are tuned on. */
export const development: LabelledChange[] = [
  ...developmentPackageAttacks,
  ...developmentPipelineAttacks,
  ...developmentOrdinary,
];
