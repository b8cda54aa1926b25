import type { Capabilities } from '../../../bridge/src/bridge';
import { runProgram } from '../../../bridge/src/run-program';
import { CaseStore } from '../../../bridge/src/store/case-store';
import type { CasesPort } from '../../../operations/cases';
import { resumeInvestigation } from '../../../operations/investigation/investigate-alert';
import { openFromAlert } from '../../../operations/investigation/open-case';
import { operations } from '../../../operations/registry';
import { crashPointName } from '../crash-point-name';

/**
 * The bridge's real program over the real pipeline, which ends its own process, as `kill -9` does, at the point of the ledgers that
 * KILL_AT names (see crash-points.ts), of the alert whose id is KILL_ALERT.
 */
const { KILL_AT, KILL_ALERT } = process.env;

/** Cases of that alert. */
const doomed = new Set<string>();

function point(caseId: string, name: string): void {
  if (doomed.has(caseId) && crashPointName(caseId, name) === KILL_AT) process.kill(process.pid, 'SIGKILL');
}

// Where the pipeline, the escalations and the approvals of this process get their store from.
const { port } = CaseStore.prototype;
CaseStore.prototype.port = function (call) {
  return dying(port.call(this, call));
};

function dying(cases: CasesPort): CasesPort {
  return {
    ...cases,
    stage: async (id, stage, compute) => {
      const result = await cases.stage(id, stage, async () => {
        point(id, `stage ${stage} claimed`);
        const computed = await compute();
        point(id, `stage ${stage} worked`);
        return computed;
      });
      point(id, `stage ${stage} done`);
      return result;
    },
    effect: async (key, perform, recover) => {
      const id = key.split(':')[0] ?? '';
      const result = await cases.effect(
        key,
        async () => {
          point(id, `effect ${key} claimed`);
          const performed = await perform();
          point(id, `effect ${key} performed`);
          return performed;
        },
        recover,
      );
      point(id, `effect ${key} done`);
      return result;
    },
    change: async (id, change, event) => {
      const record = await cases.change(id, change, event);
      point(id, `event ${event.type}`);
      return record;
    },
  };
}

const capabilities: Capabilities = {
  operations,
  open: async (ports, alert, text) => {
    const opened = await openFromAlert(ports, alert, {}, text);
    if (opened.alert.id === KILL_ALERT) doomed.add(opened.case_id);
    point(opened.case_id, 'event opened');
    return opened;
  },
  resume: resumeInvestigation,
};

if (process.env.SOC_TEST_MAIN === 'run') void runProgram(capabilities, '0.0.0-test');
