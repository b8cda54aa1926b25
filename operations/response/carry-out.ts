import type { CasesPort } from '../cases';
import { CancelledError, OperationError } from '../errors';
import { canonicalJson } from '../investigation/canonical-json';
import type { Ports } from '../ports';
import { cleanLine } from '../text';
import { requireSwitchedOn } from './may-change';
import type { Json, PlannedStep, ResponsePort, ResponseRecord, ResponseStatus, StepResult } from './response-port';
import { kindOf } from './steps/registry';
import type { StepKind, Systems } from './steps/step-kind';

/** IAM shows a change after some seconds; a second read that comes too early would call a success a failure. */
const readAgainMs = [0, 500, 1500, 4000];

export interface Work {
  ports: Ports;
  cases: CasesPort;
  responses: ResponsePort;
  systems: Systems;
}

/**
 * Carries the steps out in their order, from wherever a crash left them. The state before is stored before anything is sent,
 * each change goes through the effect ledger, and a second read decides what was achieved. One step that fails does not keep
 * the others from containing. Resolves to the record with its results; the status is left to the caller.
 */
export async function carryOut(work: Work, given: ResponseRecord): Promise<ResponseRecord> {
  let record = given;
  const set = async (result: StepResult) => {
    const others = record.results.filter(({ step_id }) => step_id !== result.step_id);
    record = await work.responses.change(record.id, { results: inOrder([...others, result], record.steps) });
  };
  for (const [index, step] of record.steps.entries()) {
    const known = record.results.find(({ step_id }) => step_id === step.id);
    if (known !== undefined && known.state !== 'pending') continue;
    const kind = kindOf(step);
    await set(await oneStep(work, record, step, kind, known, set));
    work.ports.progress(step.what, index + 1, record.steps.length);
  }
  return record;
}

async function oneStep(
  { ports, cases, responses, systems }: Work,
  { id, case_id }: ResponseRecord,
  step: PlannedStep,
  kind: StepKind,
  known: StepResult | undefined,
  set: (result: StepResult) => Promise<void>,
): Promise<StepResult> {
  let before = known?.before ?? null;
  const result = (state: StepResult['state'], after: Json, problem: string | null = null): StepResult => ({
    step_id: step.id,
    state,
    before,
    after,
    problem,
  });
  try {
    if (known === undefined) {
      before = await kind.read(systems, step.parameters);
      if (kind.isDone(before, step.parameters) === true) return result('unchanged', before);
      await set(result('pending', null));
    }
  } catch (error) {
    return result('failed', null, problemOf(ports, error));
  }
  // Outside of what a step can fail with: pulling the brake stops the whole response, and it goes on from here later.
  await requireSwitchedOn(responses);
  try {
    await cases.effect(
      `${case_id}:respond:${id}:${step.id}`,
      async () => {
        await kind.apply(systems, step.parameters);
        return { done: true };
      },
      // After a crash nobody knows whether the call was made: the state tells. Where it cannot be read the call is made again.
      async () =>
        kind.isDone(await kind.read(systems, step.parameters), step.parameters) === true ? { done: true } : undefined,
    );
  } catch (error) {
    return result('failed', null, problemOf(ports, error));
  }
  return check(ports, systems, step, kind, result);
}

/** The second read, repeated for some seconds while it does not show the change yet. */
async function check(
  ports: Ports,
  systems: Systems,
  step: PlannedStep,
  kind: StepKind,
  result: (state: StepResult['state'], after: Json, problem?: string | null) => StepResult,
): Promise<StepResult> {
  let after: Json = null;
  for (const pause of readAgainMs) {
    if (pause > 0) await ports.sleep(pause, ports.signal);
    try {
      after = await kind.read(systems, step.parameters);
    } catch (error) {
      return result('unverified', null, `Sent, but what came of it could not be read: ${problemOf(ports, error)}`);
    }
    const done = kind.isDone(after, step.parameters);
    if (done === true) return result('verified', after);
    if (done === undefined) return result('unverified', null, 'Sent; the service has no way to read what came of it.');
  }
  return result('failed', after, 'Sent, and a second read does not show it.');
}

/** Reads every step again, without changing anything. */
export async function readAgain({ ports, systems }: Work, record: ResponseRecord): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of record.steps) {
    const known = record.results.find(({ step_id }) => step_id === step.id);
    const kind = kindOf(step);
    const before = known?.before ?? null;
    try {
      const after = await kind.read(systems, step.parameters);
      const done = kind.isDone(after, step.parameters);
      const state =
        done === undefined ? 'unverified' : done ? (known?.state === 'unchanged' ? 'unchanged' : 'verified') : 'failed';
      const problem = done === false ? 'The state is not what the step was for.' : null;
      results.push({ step_id: step.id, state, before, after: done === undefined ? null : after, problem });
    } catch (error) {
      results.push({ step_id: step.id, state: 'unverified', before, after: null, problem: problemOf(ports, error) });
    }
  }
  return results;
}

/**
 * Brings the states before back, last step first. A step that was so before, or that nothing can take back, is left alone; so is
 * one whose state is neither what we made nor what was there: somebody else has changed it since.
 */
export async function takeBack(work: Work, given: ResponseRecord): Promise<ResponseRecord> {
  let record = given;
  const { ports, cases, responses, systems } = work;
  for (const step of [...record.steps].reverse()) {
    const known = record.results.find(({ step_id }) => step_id === step.id);
    const kind = kindOf(step);
    if (
      known === undefined ||
      known.state === 'unchanged' ||
      known.state === 'rolled_back' ||
      kind.revert === undefined
    )
      continue;
    await requireSwitchedOn(responses);
    const { before } = known;
    let result: StepResult;
    try {
      const now = await kind.read(systems, step.parameters);
      if (isSame(now, before)) result = { ...known, state: 'rolled_back', after: now, problem: null };
      else if (kind.isDone(now, step.parameters) !== true) {
        result = {
          ...known,
          state: 'failed',
          after: now,
          problem:
            'Not rolled back: its state is neither what this response made nor what was there before, so somebody else changed it since.',
        };
      } else {
        await cases.effect(
          `${record.case_id}:rollback:${record.id}:${step.id}`,
          async () => {
            await kind.revert?.(systems, step.parameters, before);
            return { done: true };
          },
          async () => (isSame(await kind.read(systems, step.parameters), before) ? { done: true } : undefined),
        );
        result = await checkRestored(work, step, kind, known);
      }
    } catch (error) {
      result = { ...known, state: 'failed', problem: problemOf(ports, error) };
    }
    const others = record.results.filter(({ step_id }) => step_id !== step.id);
    record = await responses.change(record.id, { results: inOrder([...others, result], record.steps) });
  }
  return record;
}

async function checkRestored(
  { ports, systems }: Work,
  step: PlannedStep,
  kind: StepKind,
  known: StepResult,
): Promise<StepResult> {
  let after: Json = null;
  for (const pause of readAgainMs) {
    if (pause > 0) await ports.sleep(pause, ports.signal);
    after = await kind.read(systems, step.parameters);
    if (isSame(after, known.before)) return { ...known, state: 'rolled_back', after, problem: null };
  }
  return { ...known, state: 'failed', after, problem: 'Rolled back, and a second read does not show it.' };
}

/** Texts that hold JSON (policies) compare by what they say. */
function isSame(a: Json, b: Json): boolean {
  if (canonicalJson(a) === canonicalJson(b)) return true;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  try {
    return canonicalJson(JSON.parse(a)) === canonicalJson(JSON.parse(b));
  } catch {
    return false;
  }
}

/** What the results come to as a whole. */
export function outcomeOf(
  results: readonly StepResult[],
): Extract<ResponseStatus, 'verified' | 'unverified' | 'failed'> {
  if (results.some(({ state }) => state === 'failed' || state === 'pending')) return 'failed';
  return results.some(({ state }) => state === 'unverified') ? 'unverified' : 'verified';
}

function inOrder(results: readonly StepResult[], steps: readonly PlannedStep[]): StepResult[] {
  const place = (id: string) => steps.findIndex((step) => step.id === id);
  return [...results].sort((a, b) => place(a.step_id) - place(b.step_id));
}

/** Being cancelled, and faults of the host, are no result of a step: they are thrown on, and the step is taken up again. */
function problemOf(ports: Ports, error: unknown): string {
  if (error instanceof CancelledError || ports.signal.aborted || !(error instanceof OperationError)) throw error;
  return cleanLine(`${error.code}: ${error.message}`, 500);
}
