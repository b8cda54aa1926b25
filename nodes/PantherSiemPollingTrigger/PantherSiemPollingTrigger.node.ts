import type { INodeExecutionData, INodeType, INodeTypeDescription, IPollFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { pollAlerts } from '../../nodes-host';

/** For tenants that cannot reach n8n. Where they can, the Panther SIEM Trigger is faster and asks nothing in vain. */
export class PantherSiemPollingTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Panther SIEM Polling Trigger',
    name: 'pantherSiemPollingTrigger',
    icon: { light: 'file:panther-polling-trigger.svg', dark: 'file:panther-polling-trigger.dark.svg' },
    group: ['trigger'],
    version: [1],
    subtitle: 'On new alert',
    description: 'Asks Panther for new alerts at set times and starts the workflow with them',
    defaults: {
      name: 'Panther SIEM Polling Trigger',
    },
    polling: true,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'pantherApi',
        required: true,
      },
    ],
    properties: [
      {
        displayName: 'Filters',
        name: 'filters',
        type: 'collection',
        placeholder: 'Add Filter',
        default: {},
        options: [
          {
            displayName: 'Alert Type',
            name: 'type',
            type: 'options',
            options: [
              { name: 'Alert', value: 'ALERT' },
              { name: 'Detection Error', value: 'DETECTION_ERROR' },
              { name: 'System Error', value: 'SYSTEM_ERROR' },
            ],
            default: 'ALERT',
            description:
              "Which of Panther's lists: what detections found, detections that failed, or trouble with sources",
          },
          {
            displayName: 'Detection ID',
            name: 'detectionId',
            type: 'string',
            default: '',
            placeholder: 'e.g. AWS.Console.LoginWithoutMFA',
            description: 'Only alerts of this rule, policy or scheduled rule',
          },
          {
            displayName: 'Log Types',
            name: 'logTypes',
            type: 'string',
            default: '',
            placeholder: 'e.g. AWS.CloudTrail, Okta.SystemLog',
            description: 'Only alerts about these log types. Separate several with commas.',
          },
          {
            displayName: 'Severities',
            name: 'severities',
            type: 'multiOptions',
            options: [
              { name: 'Critical', value: 'CRITICAL' },
              { name: 'High', value: 'HIGH' },
              { name: 'Info', value: 'INFO' },
              { name: 'Low', value: 'LOW' },
              { name: 'Medium', value: 'MEDIUM' },
            ],
            default: [],
            description: 'Only alerts of these severities',
          },
          {
            displayName: 'Statuses',
            name: 'statuses',
            type: 'multiOptions',
            options: [
              { name: 'Closed', value: 'CLOSED' },
              { name: 'Open', value: 'OPEN' },
              { name: 'Resolved', value: 'RESOLVED' },
              { name: 'Triaged', value: 'TRIAGED' },
            ],
            default: [],
            description: 'Only alerts that have one of these statuses when they are first seen',
          },
        ],
      },
      {
        displayName: 'Options',
        name: 'options',
        type: 'collection',
        placeholder: 'Add Option',
        default: {},
        options: [
          {
            displayName: 'First Look Back (Minutes)',
            name: 'lookBackMinutes',
            type: 'number',
            typeOptions: { minValue: 0, maxValue: 43200, numberPrecision: 0 },
            default: 0,
            description:
              'How old an alert may be when the workflow is activated for the first time. 0 takes none of the past.',
          },
          {
            displayName: 'Most Alerts per Poll',
            name: 'maxAlerts',
            type: 'number',
            typeOptions: { minValue: 1, maxValue: 500, numberPrecision: 0 },
            default: 50,
            description: 'What does not fit follows with the next polls. One page of 50 may come on top.',
          },
          {
            displayName: 'Overlap (Minutes)',
            name: 'overlapMinutes',
            type: 'number',
            typeOptions: { minValue: 1, maxValue: 1440, numberPrecision: 0 },
            default: 10,
            description:
              'How late an alert may appear after its creation time, and how far the clocks may differ, without being missed',
          },
          {
            displayName: 'Repeat Last Batch After Restart',
            name: 'repeatAfterRestart',
            type: 'boolean',
            default: true,
            description:
              'Whether the last alerts are handed on once more after n8n was restarted, because it is not known whether n8n stored them before it stopped',
          },
        ],
      },
    ],
  };

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    return pollAlerts(this);
  }
}
