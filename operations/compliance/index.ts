import type { Operation } from '../operation';
import { generateSoxComplianceReport } from './generate-sox-compliance-report';

export const complianceOperations: Operation[] = [generateSoxComplianceReport];
