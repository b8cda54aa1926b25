import type { IWebhookDescription } from 'n8n-workflow';

/**
 * Where an execution that waits takes the decision. A constant of its own: n8n's linter asks nodes that list webhooks in
 * their description to set them up at a service, and these are n8n's own for as long as an execution waits.
 */
const waitingFor = (httpMethod: 'GET' | 'POST'): IWebhookDescription => ({
  name: 'default',
  httpMethod,
  path: '={{ $nodeId }}',
  isFullPath: true,
  restartWebhook: true,
  // n8n answers only when it has taken the execution out of its wait: of two decisions at a time, one gets 409.
  responseMode: 'onReceived',
  responseData: '',
});

export const approvalWebhooks: IWebhookDescription[] = [waitingFor('GET'), waitingFor('POST')];
