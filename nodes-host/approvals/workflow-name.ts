import type { IExecuteFunctions } from 'n8n-workflow';

/** Who asks, where no person is named. */
export function workflowName(context: IExecuteFunctions): string {
  const { name, id } = context.getWorkflow();
  return `n8n workflow ${name ?? id ?? ''}`.trim();
}
