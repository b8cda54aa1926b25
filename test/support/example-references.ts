import type { SocStack } from './soc-stack';

/**
 * What the `$...` in an operation's example stands for, made or looked up in the running stack. Asked for anew for every
 * call, because a reset of the sandbox forgets what was made.
 */
const references: Record<string, (stack: SocStack, caseId: string) => Promise<string>> = {
  $case_id: async (_stack, caseId) => caseId,
  $alert_id: sampleAlertId,
  $commented_alert_id: commentedAlertId,
  $triage_stream_id: startedTriage,
  $query_id: endedQuery,
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
