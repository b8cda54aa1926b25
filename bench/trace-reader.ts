import { readConfig } from '../bridge/src/config';
import { keepMemoryFlat } from '../bridge/src/flat-memory';
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
  /** Have V8 collect sooner, so that what is in use shows and not what waits for collection. */
  flat: boolean;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const services = new ServicePorts(readConfig(process.env), 'bench');
const signal = new AbortController().signal;
const log = { debug() {}, info() {}, warn() {} };

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

/** In use by JavaScript: the heap, and buffers and strings outside it. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

if (order.flat) keepMemoryFlat();
// A log of 3 MB first, so that code, connections and buffers are there before the measurement.
await logsOf(3_000_000);
for (let round = 0; round < 3; round += 1) await review();
await logsOf(order.bytes);
globalThis.gc?.();
const before = { rss: process.memoryUsage.rss(), used: inUse() };
const peak = { ...before };
const sampler = setInterval(() => {
  peak.rss = Math.max(peak.rss, process.memoryUsage.rss());
  peak.used = Math.max(peak.used, inUse());
}, 2);
const started = performance.now();
const result = await review();
const ms = performance.now() - started;
clearInterval(sampler);
peak.rss = Math.max(peak.rss, process.memoryUsage.rss());
peak.used = Math.max(peak.used, inUse());
const answerBytes = Buffer.byteLength(JSON.stringify(result));
globalThis.gc?.();
services.close();
process.stdout.write(
  `${JSON.stringify({
    ms,
    logBytes: result.log_size_bytes,
    failingSection: result.log?.failing_section?.name ?? null,
    endsInFailure: /ERROR: Job failed/.test(`${result.log?.failing_section?.text}${result.log?.tail}`),
    answerBytes,
    rssGrowth: peak.rss - before.rss,
    usedGrowth: peak.used - before.used,
    usedLeft: inUse() - before.used,
  })}\n`,
);
