import type { Operation } from '../operation';
import { addCaseNote, addEvidence } from './add-to-case';
import { applySecondOpinion } from './apply-second-opinion';
import { closeCase } from './close-case';
import { correlateEvidence } from './correlate-evidence';
import { exportCase } from './export-case';
import { findSimilarCases } from './find-similar-cases';
import { generateIncidentReport } from './generate-incident-report';
import { getCase } from './get-case';
import { investigateAlert } from './investigate-alert';
import { listCases } from './list-cases';
import { normalizeAlert } from './normalize-alert';
import { openCase } from './open-case';
import { planSignInQueries } from './plan-sign-in-queries';
import { reopenCase } from './reopen-case';

export { resumeInvestigation } from './investigate-alert';

/** The operations of this toolset, in the order of an investigation. */
export const investigationOperations: Operation[] = [
  investigateAlert,
  normalizeAlert,
  openCase,
  planSignInQueries,
  correlateEvidence,
  applySecondOpinion,
  generateIncidentReport,
  closeCase,
  getCase,
  listCases,
  findSimilarCases,
  addCaseNote,
  addEvidence,
  reopenCase,
  exportCase,
];
