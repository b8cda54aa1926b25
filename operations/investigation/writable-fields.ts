/**
 * Fields that whoever makes a call, commits, or raises an alert can fill with any text. They may be shown, and a tool's name in
 * one may speak against somebody; nothing may be excused by them.
 */
export const writableFields = {
  user_agent: 'sent by the client',
  session_name: 'chosen by whoever assumes a role',
  display_name: 'chosen by its owner',
  resource_name: 'chosen by whoever makes the resource',
  tag: 'free text',
  description: 'free text',
  device_name: 'sent by the client',
  error_message: 'repeats what was sent',
  merge_request_text: 'title, description, branch and labels are free text',
  commit_text: 'message, author, committer and dates are set by whoever commits',
  job_log: 'written by the job',
  alert_text: 'may repeat any of these',
  slack_text: 'free text',
} as const;
export type WritableField = keyof typeof writableFields;

/** What AWS, GitLab and identity providers set themselves, on which something that exonerates may rest. */
export const trustedFields = {
  principal: 'the caller as AWS authenticated it; for roles the role, not the session',
  source_ip: 'the address AWS saw',
  api_call: 'service and name of the call',
  answer: 'whether AWS did it, and the error code',
  effective_parameters: 'the parameters that are the effect: whom a policy lets in, what is turned on',
  event_time: 'set by the service',
  history: 'what the same principal did on other days',
  reviewed_merge: 'who wrote and who merged, from which project, as GitLab signed them in',
  coverage: 'what was asked and answered in full',
  hostile_findings: 'what the other rules found',
} as const;
export type TrustedField = keyof typeof trustedFields;
