import { FLAVOURS, PASSING, type ScriptLine } from './trace-scripts';
import type { Job } from './world';

const ESC = '\u001b';
const RUNNER = '18.4.0';
/** This runner's output_limit; the usual 4 MiB would only make the demo slow. */
export const LOG_LIMIT_BYTES = 262_144;

interface Line extends ScriptLine {
  at: number;
  /** 00 is the runner itself, 01 the job's script. */
  stream: '00' | '01';
  /** Goes on where the line before it ended. */
  continues?: true;
}

/**
 * The raw log of a job as the runner sends it: section markers, colours, rewritten progress lines and, on instance
 * runners, a 32 character timestamp in front of every line. Empty when the job never ran or its log was erased.
 */
export function traceOf(job: Job): string {
  if (!job.startedAt || job.kind === 'bridge' || job.erasedAt) return '';
  const from = job.startedAt.getTime();
  const until = job.finishedAt?.getTime() ?? job.pipeline.updatedAt.getTime() + 5_000;
  const lines = layOut(job, from, until);
  const stamped = job.pipeline.project.instanceRunners;
  const text = lines.map((line, index) => render(line, stamped, index)).join('');
  return job.flavour === 'log-limit' ? cutAtLimit(text, stamped, until) : text;
}

function layOut(job: Job, from: number, until: number): Line[] {
  const failed = job.status === 'failed';
  const running = job.finishedAt === undefined;
  const lines: Line[] = [];
  const script =
    (job.flavour && (job.status === 'failed' || job.status === 'success') && FLAVOURS[job.flavour]) ||
    PASSING[job.script];
  const body = script?.() ?? [];
  // The set-up takes a sixth of the time, the script the rest, evenly spread over its lines.
  const setUp = from + (until - from) / 6;
  const step = (until - setUp) / (body.length + 3);
  const runner = (at: number, text: string) => lines.push({ at, stream: '00', text });
  const section = (name: string, header: string, start: number, end: number, content: () => void, options = '') => {
    lines.push({
      at: start,
      stream: '00',
      text: `section_start:${seconds(start)}:${name}${options}\r${ESC}[0K`,
      continues: lines.length > 2 ? true : undefined,
    });
    lines.push({
      at: start,
      stream: '00',
      text: `${ESC}[0K${ESC}[36;1m${header}${ESC}[0;m${ESC}[0;m`,
      continues: true,
    });
    content();
    lines.push({ at: end, stream: '00', text: `section_end:${seconds(end)}:${name}\r${ESC}[0K` });
  };
  runner(from, `${ESC}[0KRunning with gitlab-runner ${RUNNER} (simulated)${ESC}[0;m`);
  runner(from, `${ESC}[0K  on ${runnerName(job)}, system ID: s_simulated0001${ESC}[0;m`);
  const quarter = (part: number) => from + ((setUp - from) * part) / 4;
  section('prepare_executor', 'Preparing the "docker" executor', quarter(0), quarter(1), () => {
    runner(quarter(0.3), `${ESC}[0KUsing Docker executor with image ${imageOf(job)} ...${ESC}[0;m`);
    runner(quarter(0.7), `${ESC}[0KPulling docker image ${imageOf(job)} ...${ESC}[0;m`);
  });
  section('prepare_script', 'Preparing environment', quarter(1), quarter(2), () => {
    runner(quarter(1.5), `Running on runner-simulated-project-${job.pipeline.project.id}-concurrent-0...`);
  });
  section('get_sources', 'Getting source from Git repository', quarter(2), quarter(4), () => {
    runner(quarter(3), `${ESC}[32;1mFetching changes with git depth set to 20...${ESC}[0;m`);
    runner(
      quarter(3.5),
      `${ESC}[32;1mChecking out ${job.pipeline.sha.slice(0, 8)} as detached HEAD (ref is ${job.pipeline.ref})...${ESC}[0;m`,
    );
  });
  const write = () => {
    body.forEach((line, index) => {
      for (const [row, text] of line.text.split('\n').entries()) {
        lines.push({
          ...line,
          text,
          rewrites: row === 0 ? line.rewrites : undefined,
          at: setUp + step * (index + 1),
          stream: '01',
        });
      }
    });
  };
  if (running) {
    lines.push({ at: setUp, stream: '00', text: `section_start:${seconds(setUp)}:step_script\r${ESC}[0K` });
    write();
    return lines.filter((line) => line.at < until - step);
  }
  section('step_script', 'Executing "step_script" stage of the job script', setUp, until - 2_000, write);
  section(
    'cleanup_file_variables',
    'Cleaning up project directory and file based variables',
    until - 1_500,
    until - 500,
    () => {},
    '[collapsed=true]',
  );
  runner(
    until - 300,
    failed ? `${ESC}[31;1mERROR: Job failed${endOf(job)}${ESC}[0;m` : `${ESC}[32;1mJob succeeded${ESC}[0;m`,
  );
  return lines;
}

function endOf(job: Job): string {
  if (job.failureReason === 'runner_system_failure') return ' (system failure): prepare environment: image pull failed';
  if (job.failureReason === 'job_execution_timeout') return ': execution took longer than 1h0m0s seconds';
  return ': exit code 1';
}

function render(line: Line, stamped: boolean, index: number): string {
  if (!stamped) {
    const rewrites = line.rewrites?.map((text) => `${text}\r`).join('') ?? '';
    return `${rewrites}${line.text}\n`;
  }
  const flag = line.error ? 'E' : 'O';
  const micros = String(index % 1000).padStart(3, '0');
  const stamp = (more: boolean) =>
    `${new Date(line.at).toISOString().slice(0, -1)}${micros}Z ${line.stream}${flag}${more ? '+' : ' '}`;
  // The runner ends a stamped line at each carriage return and goes on with a `+` line.
  const states = [...(line.rewrites ?? []), line.text];
  return states
    .map(
      (text, state) =>
        `${stamp(state > 0 || line.continues === true)}${text}${state < states.length - 1 ? '\r' : ''}\n`,
    )
    .join('');
}

function cutAtLimit(text: string, stamped: boolean, until: number): string {
  const kept = Buffer.from(text, 'utf8').subarray(0, LOG_LIMIT_BYTES).toString('utf8');
  const stamp = stamped ? `${new Date(until).toISOString().slice(0, -1)}000Z 00O ` : '';
  return `${kept}\n${stamp}${ESC}[33;1mJob's log exceeded limit of ${LOG_LIMIT_BYTES} bytes.\n${stamp}Job execution will continue but no more output will be collected.${ESC}[0;m\n`;
}

function seconds(at: number): number {
  return Math.floor(at / 1000);
}

export function runnerName(job: Job): string {
  if (job.pipeline.project.instanceRunners) return 'simulated-shared-runner-1';
  return job.script === 'terraform-apply' ? 'simulated-infra-production' : 'simulated-project-runner';
}

function imageOf(job: Job): string {
  if (job.script.startsWith('terraform') || job.script === 'tfsec')
    return 'registry.simulated-corp.example/ci/terraform:1.13.3';
  if (['ruff', 'pytest', 'rule-tests'].includes(job.script)) return 'python:3.13.5-slim';
  return 'node:22.16.0-bookworm';
}
