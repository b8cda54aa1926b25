import { z } from 'zod';
import { OperationError } from '../errors';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { matchesBranch } from './protection-findings';
import { readWire, type WirePipeline, wireField } from './wire-types';

/** Which branches of a project are protected, as far as the token may see. */
export interface ProtectedRefs {
  patterns: string[];
  /** False when only the default branch is known, and taken to be protected. */
  known: boolean;
}

const wireName = z.object({ name: z.string() });
const wireDefault = z.object({ default_branch: wireField.text });

export async function readProtectedRefs(gitlab: GitLab, projectPath: string, what: string): Promise<ProtectedRefs> {
  const listed = await attempt(() =>
    gitlab.list(`${projectPath}/protected_branches`, {}, `the protected branches of ${what}`, 100, (value) =>
      readWire(wireName, value, 'a protected branch of the list'),
    ),
  );
  if (!(listed instanceof OperationError)) return { patterns: listed.items.map(({ name }) => name), known: true };
  const project = await attempt(async () => readWire(wireDefault, await gitlab.get(projectPath, {}, what), what));
  const main = project instanceof OperationError ? null : project.default_branch;
  return { patterns: main === null ? [] : [main], known: false };
}

/** Ways to start a pipeline other than by a change that went through review. */
const byHand: Readonly<Record<string, string>> = {
  trigger: 'by a trigger token',
  api: 'over the API',
  web: 'by hand in the browser',
  chat: 'from a chat',
  webide: 'from the Web IDE',
};

/** Why a source is worth a look; null for ordinary ones. */
export function remarkOnSource(pipeline: WirePipeline, refs: ProtectedRefs): string | null {
  const { source, ref } = pipeline;
  if (source === 'duo_workflow') return 'An agent started it (duo_workflow).';
  const how = source === null ? undefined : Object.hasOwn(byHand, source) ? byHand[source] : undefined;
  if (how !== undefined && ref !== null && refs.patterns.some((pattern) => matchesBranch(pattern, ref))) {
    return `It was started ${how} on ${refs.known ? 'a protected branch' : 'the default branch'}.`;
  }
  return source === 'schedule' ? 'A schedule started it, with the rights of the schedule’s owner.' : null;
}
