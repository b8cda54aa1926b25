import type { IWebhookResponseData } from 'n8n-workflow';

/** What is used of the answer to a request, which is Node's. */
export interface HttpAnswer {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** Ends the request here; n8n sends nothing then. */
export function answerJson(response: HttpAnswer, status: number, body: Record<string, unknown>): IWebhookResponseData {
  return answer(response, status, 'application/json; charset=utf-8', JSON.stringify(body));
}

/** How Slack wants to hear that something arrived: 200 and an empty body. */
export function acknowledge(response: HttpAnswer): IWebhookResponseData {
  return answer(response, 200, 'text/plain; charset=utf-8', '');
}

export function answer(
  response: HttpAnswer,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): IWebhookResponseData {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'cache-control': 'no-store',
    // What was not read is not worth reading.
    ...(status === 401 || status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body);
  return { noWebhookResponse: true };
}
