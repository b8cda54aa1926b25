export { operationsCalling, operationsOnBridge } from './credential-display';
export { assertReadyForAlerts, testWebhookSecret } from './panther-trigger/activation';
export { receiveAlert, receiveSettings } from './panther-trigger/receive-alert';
export { parametersOf } from './parameters';
export { runItems } from './run-items';
