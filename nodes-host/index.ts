export { operationsCalling, operationsOnBridge } from './credential-display';
export { parametersOf } from './parameters';
export { runItems } from './run-items';
