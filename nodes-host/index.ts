export { operationsCalling, operationsOnBridge } from './credential-display';
export { listSearchOf } from './list-search';
export { assertReadyForAlerts, testWebhookSecret } from './panther-trigger/activation';
export { pollAlerts } from './panther-trigger/poll-alerts';
export { receiveAlert, receiveSettings } from './panther-trigger/receive-alert';
export { parametersOf } from './parameters';
export { runItems } from './run-items';
