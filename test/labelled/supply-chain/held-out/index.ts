import type { LabelledChange } from '../labelled-change';
import { heldOutPackageAttacks } from './attacks-on-packages';
import { heldOutPipelineAttacks } from './attacks-on-pipelines';
import { heldOutOrdinaryPackages } from './ordinary-packages';
import { heldOutOrdinaryRepository } from './ordinary-repository';

/** Written before the signals were tuned, and frozen by a test: tuning looks at the development part only. */
export const heldOut: LabelledChange[] = [
  ...heldOutPackageAttacks,
  ...heldOutPipelineAttacks,
  ...heldOutOrdinaryPackages,
  ...heldOutOrdinaryRepository,
];
