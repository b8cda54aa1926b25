import type { SocStack } from './soc-stack';

/**
 * What the `$...` in an operation's example stands for, made or looked up in the running stack. Asked for anew for every
 * call, because a reset of the sandbox forgets what was made.
 */
const references: Record<string, (stack: SocStack, caseId: string) => Promise<string>> = {
  $case_id: async (_stack, caseId) => caseId,
  $alert_id: sampleAlertId,
};

/** The sample tenant's alert to investigate first, as Panther's API names it. */
async function sampleAlertId(stack: SocStack): Promise<string> {
  const { main } = await stack.control<{ main: { id: string } }>('GET', '/sample-alerts');
  return main.id;
}

/** An example with its references filled in. */
export async function withReferences(
  example: unknown,
  stack: SocStack,
  caseId: string,
): Promise<Record<string, unknown>> {
  let text = JSON.stringify(example);
  for (const [name, resolve] of Object.entries(references)) {
    if (text.includes(name)) text = text.replaceAll(name, await resolve(stack, caseId));
  }
  return JSON.parse(text) as Record<string, unknown>;
}
