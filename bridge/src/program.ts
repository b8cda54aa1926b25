import { runTimedHunts } from '../../operations/analytics/schedule/timed-run';
import { resumeInvestigation } from '../../operations/investigation/investigate-alert';
import { openSentAlert } from '../../operations/investigation/open-case';
import { operations } from '../../operations/registry';
import { version } from '../package.json';
import { runProgram } from './run-program';

void runProgram(
  {
    operations,
    open: openSentAlert,
    resume: resumeInvestigation,
    hunt: runTimedHunts,
  },
  version,
);
