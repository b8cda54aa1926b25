import type { Operation } from '../../../operations/operation';
import { toolsetOf } from '../access/scopes';
import type { ToolSelection } from './tool-selection';
import type { ToolSettings } from './tool-settings';

/**
 * What `tools/list` shows to whoever chose nothing: enough to investigate an alert from its first look to a decision of
 * people, and small enough to leave a model room to think. Everything else that is allowed can be called by name, and is
 * shown to whoever asks for its toolset.
 */
export const defaultMenu: ReadonlySet<string> = new Set([
  'execute_sql_query',
  'get_query_results',
  'list_available_tables',
  'get_table_schema',
  'list_alerts',
  'get_alert',
  'list_merge_requests',
  'get_merge_request_details',
  'list_pipeline_failures',
  'review_pipeline_job',
  'review_merge_request_and_pipeline',
  'monitor_supply_chain_changes',
  'escalate_to_soc_team',
  'request_analyst_approval',
  'get_approval_status',
  'investigate_alert',
  'get_case',
  'hunt_anomalous_user_behavior',
]);

/** Limits of the default menu, so that it fits into what clients give to tools. */
export const menuLimits = { tools: 25, tokens: 9000 } as const;

/** Whether `tools/list` shows a tool that is offered. Listing is about room, never about permission. */
export function isOnMenu(operation: Operation, settings: ToolSettings, selection: ToolSelection): boolean {
  if (selection.toolsets !== undefined) return selection.toolsets.has(toolsetOf(operation));
  if (settings.only !== undefined || settings.toolsets !== undefined) return true;
  return defaultMenu.has(operation.name);
}

/**
 * About how many tokens a text costs a model: one for four characters. Tokenisers of today need fewer for such JSON (4.1
 * to 4.3 characters each with o200k), so this never says too little.
 */
export function tokensOf(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / 4);
}
