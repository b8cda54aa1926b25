import { readConfig } from '../bridge/src/config';
import { ServicePorts } from '../bridge/src/hosting/service-ports';
import { reviewPipelineJob } from '../operations/gitlab/review-pipeline-job';
import { runOperation } from '../operations/operation';

/**
 * The measured side of the log benchmark, a process of its own so that nobody else's memory is measured with it. Its one
 * argument is JSON; its result is one line of JSON on stdout.
 */
interface Order {
  control: string;
  project: string;
  jobId: number;
  bytes: number;
  /**
   * `held`: what is left whenever garbage is collected, while the log is read. `resident`: what the process takes of the
   * machine, compared with what it took for many shorter logs. `first`: the same for a process that has read little.
   */
  mode: 'held' | 'resident' | 'first';
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const services = new ServicePorts(readConfig(process.env), 'bench');
const signal = new AbortController().signal;
const log = { debug() {}, info() {}, warn() {} };
const shorterLog = 3_000_000;

async function review() {
  const ports = services.ports({ signal, log, progress: () => {} });
  return runOperation(reviewPipelineJob, ports, { project: order.project, job_id: order.jobId });
}

async function logsOf(bytes: number): Promise<void> {
  const response = await fetch(`${order.control}/gitlab/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // A server that ignores the offset sends all of it: the hardest case.
    body: JSON.stringify({ longTraceBytes: bytes, traceOffsets: false }),
  });
  if (!response.ok) throw new Error(`the settings were answered with ${response.status}`);
}

/** In use by JavaScript: the heap, and buffers and strings beside it. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const measures = {
  held: () => {
    globalThis.gc?.();
    return inUse();
  },
  resident: () => process.memoryUsage.rss(),
  first: () => process.memoryUsage.rss(),
};
const measure = measures[order.mode];

// Logs longer than what is kept of one. Node lets some 60 MB of pieces gather before it collects them, whatever the log.
await logsOf(shorterLog);
for (let round = 0; round < (order.mode === 'resident' ? 30 : 2); round += 1) await review();
await logsOf(order.bytes);
if (order.mode !== 'resident') globalThis.gc?.();
const before = measure();
let peak = before;
const look = () => {
  peak = Math.max(peak, measure());
};
const sampler = setInterval(look, 5);
const started = performance.now();
const result = await review();
const ms = performance.now() - started;
look();
clearInterval(sampler);
services.close();
process.stdout.write(
  `${JSON.stringify({
    ms,
    failingSection: result.log?.failing_section?.name ?? null,
    endsInFailure: /ERROR: Job failed/.test(`${result.log?.failing_section?.text}${result.log?.tail}`),
    logBytes: result.log_size_bytes,
    answerBytes: Buffer.byteLength(JSON.stringify(result)),
    growth: peak - before,
  })}\n`,
);
