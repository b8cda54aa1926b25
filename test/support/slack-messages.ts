import type { SocStack } from './soc-stack';

export interface SlackMessage {
  ts: string;
  thread_ts?: string;
  text: string;
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
}

/** Every message in the SOC channels of the simulated Slack, through its Web API. */
export async function slackMessages(stack: SocStack): Promise<SlackMessage[]> {
  const { url, token } = stack.addresses.slack;
  const get = async (path: string) => {
    const response = await fetch(`${url}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as {
      ok: boolean;
      error?: string;
      channels?: { id: string; name: string }[];
      messages?: SlackMessage[];
    };
  };
  const { channels = [] } = await get('conversations.list?limit=100');
  const messages: SlackMessage[] = [];
  for (const channel of channels.filter(({ name }) => name.startsWith('soc-'))) {
    const history = await get(`conversations.history?channel=${channel.id}&limit=200&include_all_metadata=true`);
    messages.push(...(history.messages ?? []));
  }
  return messages;
}

/** The escalations of one case: the messages that start a thread and name it. */
export async function escalationsOf(stack: SocStack, caseId: string): Promise<SlackMessage[]> {
  const all = await slackMessages(stack);
  return all.filter(
    (message) =>
      (message.thread_ts === undefined || message.thread_ts === message.ts) &&
      JSON.stringify(message.metadata ?? {}).includes(caseId),
  );
}
