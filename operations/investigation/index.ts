import type { Operation } from '../operation';
import { applySecondOpinion } from './apply-second-opinion';
import { closeCase } from './close-case';
import { correlateEvidence } from './correlate-evidence';
import { generateIncidentReport } from './generate-incident-report';
import { getCase } from './get-case';
import { investigateAlert } from './investigate-alert';
import { normalizeAlert } from './normalize-alert';
import { openCase } from './open-case';

export { resumeInvestigation } from './investigate-alert';

/** The operations of this toolset, in the order of an investigation. */
export const investigationOperations: Operation[] = [
  investigateAlert,
  normalizeAlert,
  openCase,
  correlateEvidence,
  applySecondOpinion,
  generateIncidentReport,
  closeCase,
  getCase,
];
