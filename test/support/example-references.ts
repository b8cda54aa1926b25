import { randomUUID } from 'node:crypto';
import { group, results } from './cloud-rows';
import type { SocStack } from './soc-stack';

/**
 * What the `$...` and the message's timestamp in an operation's example stands for, made or looked up in the running stack. Asked for anew for every
 * call, because a reset of the sandbox forgets what was made.
 */
const references: Record<string, (stack: SocStack, caseId: string) => Promise<string>> = {
  $case_id: async (_stack, caseId) => caseId,
  $alert_id: sampleAlertId,
  $commented_alert_id: commentedAlertId,
  $triage_stream_id: startedTriage,
  $query_id: endedQuery,
  $open_case_id: openCase,
  $closed_case_id: closedCase,
  $response_id: async (stack) => (await plannedResponse(stack)).response_id,
  $executed_response_id: executedResponse,
  $approval_id: cancelledApproval,
  '1700000000.000100': postedMessage,
};

/** A small query that has ended, so that two calls see the same. */
async function endedQuery(stack: SocStack): Promise<string> {
  const sql =
    "SELECT eventName, p_row_id FROM panther_logs.public.aws_cloudtrail WHERE p_occurs_since('30 days') ORDER BY p_event_time, p_row_id LIMIT 12";
  const started = await callPanther<{ data: { executeDataLakeQuery: { id: string } } }>(stack, '/public/graphql', {
    query: 'mutation Start($sql: String!) { executeDataLakeQuery(input: { sql: $sql }) { id } }',
    variables: { sql },
  });
  const { id } = started.data.executeDataLakeQuery;
  for (let poll = 0; poll < 50; poll += 1) {
    const { data } = await callPanther<{ data: { dataLakeQuery: { status: string } } }>(stack, '/public/graphql', {
      query: 'query Status($id: ID!) { dataLakeQuery(id: $id) { status } }',
      variables: { id },
    });
    if (data.dataLakeQuery.status !== 'running') return id;
  }
  throw new Error('the query does not end');
}

/** A message of the app in #soc-alerts. */
async function postedMessage(stack: SocStack): Promise<string> {
  const { url, token } = stack.addresses.slack;
  const response = await fetch(`${url}/api/chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      channel: '#soc-alerts',
      text: 'A message to refer to.',
      metadata: { event_type: 'soc_message', event_payload: { effect: 'example' } },
    }),
  });
  const { ts } = (await response.json()) as { ts?: string };
  if (ts === undefined) throw new Error('the message was not posted');
  return ts;
}

/** An approval that is settled, so that asking for it twice, and cancelling it, gives the same. */
async function cancelledApproval(stack: SocStack): Promise<string> {
  const call = async (name: string, given: Record<string, unknown>) => {
    const response = await fetch(`${stack.bridge.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack.bridgeToken}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
    });
    const id = /APR-[0-9A-Z]{17}/.exec(await response.text())?.[0];
    if (id === undefined) throw new Error(`${name} gave no approval`);
    return id;
  };
  const id = await call('request_analyst_approval', {
    action: 'sample_action',
    target: 'simulated target',
    title: 'A sample that is settled',
    wait_seconds: 0,
    idempotency_key: 'settled sample',
  });
  return call('cancel_approval', { approval_id: id, reason: 'A sample' });
}

/** The sample tenant's alert to investigate first, as Panther's API names it. */
async function sampleAlertId(stack: SocStack): Promise<string> {
  const { main } = await stack.control<{ main: { id: string } }>('GET', '/sample-alerts');
  return main.id;
}

/** The same alert, with a comment on it. */
async function commentedAlertId(stack: SocStack): Promise<string> {
  const alertId = await sampleAlertId(stack);
  await callPanther(stack, '/alert-comments', { alertId, body: 'Seen by the simulated SOC.', format: 'PLAIN_TEXT' });
  return alertId;
}

/** A triage of that alert, still being written. */
async function startedTriage(stack: SocStack): Promise<string> {
  const { data } = await callPanther<{ data: { aiSummarizeAlert: { streamId: string } } }>(stack, '/public/graphql', {
    query: 'mutation Start($id: ID!) { aiSummarizeAlert(input: { alertId: $id }) { streamId } }',
    variables: { id: await sampleAlertId(stack) },
  });
  return data.aiSummarizeAlert.streamId;
}

interface PlannedResponse {
  response_id: string;
  approval_request: object;
}

/** A case of the sample story that no other example closes; the same for the same stack. */
async function openCase(stack: SocStack): Promise<string> {
  const alert = await stack.sampleAlert('example-response');
  const { case_id } = await stack.callTool<{ case_id: string }>('investigate_alert', { alert });
  return case_id;
}

/** A case that the rules closed, at version 4: opened, correlated, reported, closed. A new one each time. */
async function closedCase(stack: SocStack): Promise<string> {
  const user = `simulated-${randomUUID()}`;
  const opened = await stack.callTool<{ case_id: string; alert: Record<string, unknown> }>('open_case', {
    alert: { id: user, severity: 'LOW', source: 'panther', timestamp: '2026-01-15T09:30:00Z', indicators: [user] },
  });
  const { case_id } = opened;
  const query_results = results(opened.alert as never, { actor_reads: [group('ec2', 'DescribeInstances', 1)] });
  await stack.callTool('correlate_evidence', { case_id, query_results });
  await stack.callTool('generate_incident_report', { case_id });
  const closed = await stack.callTool<{ status: string }>('close_case', { case_id });
  if (closed.status !== 'closed') throw new Error(`the sample case is ${closed.status} and not closed`);
  return case_id;
}

/** A plan to isolate the user of the sample story. */
async function plannedResponse(stack: SocStack): Promise<PlannedResponse> {
  const case_id = await openCase(stack);
  return stack.callTool('plan_response', { case_id, action: 'isolate_user', target: 'tomas.becker' });
}

/** The same, approved by a click in the simulated Slack and carried out. */
async function executedResponse(stack: SocStack): Promise<string> {
  const { response_id, approval_request } = await plannedResponse(stack);
  const asked = await stack.callTool<{ approval_id: string; channel: string; ts: string }>('request_analyst_approval', {
    ...approval_request,
    wait_seconds: 0,
  });
  const { approval_id, channel, ts } = asked;
  await stack.control('POST', '/slack/click', { user: 'U0SIM0009', channel, ts, action_id: 'soc_approval_approve' });
  await stack.callTool('get_approval_status', { approval_id, wait_seconds: 20 });
  await stack.callTool('execute_automated_response', { response_id, approval_id, dry_run: false });
  return response_id;
}

async function callPanther<T>(stack: SocStack, path: string, body: unknown): Promise<T> {
  const { url, token } = stack.addresses.panther;
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': token },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** An example with its references filled in. */
export async function withReferences(
  example: unknown,
  stack: SocStack,
  caseId: string,
): Promise<Record<string, unknown>> {
  let text = JSON.stringify(example);
  for (const [name, resolve] of Object.entries(references)) {
    if (text.includes(name)) text = text.replaceAll(name, await resolve(stack, caseId));
  }
  return JSON.parse(text) as Record<string, unknown>;
}
