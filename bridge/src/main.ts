import { resumeInvestigation } from '../../operations/investigation/investigate-alert';
import { openFromAlert } from '../../operations/investigation/open-case';
import { operations } from '../../operations/registry';
import { version } from '../package.json';
import { runProgram } from './run-program';

void runProgram(
  { operations, open: (ports, alert) => openFromAlert(ports, alert, {}), resume: resumeInvestigation },
  version,
);
