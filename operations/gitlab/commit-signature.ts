import { z } from 'zod';
import { OperationError } from '../errors';
import { urlSegment } from '../url-segment';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { lineOrNull } from './merge-request-shape';
import { readWire, wireField } from './wire-types';

export const signatureStates = ['verified', 'unverified', 'unsigned', 'unknown'] as const;

export const signatureSchema = z.object({
  state: z
    .enum(signatureStates)
    .describe(
      'verified: by a key that GitLab knows as the committer’s; unverified: signed, and GitLab does not vouch for it; unsigned: no signature; unknown: could not be read',
    ),
  type: z.string().nullable().describe('PGP, SSH or X509'),
  detail: z
    .string()
    .nullable()
    .describe("GitLab's own state, e.g. unknown_key, revoked_key or same_user_different_email"),
});
export type Signature = z.infer<typeof signatureSchema>;

const wireSignature = z.object({ signature_type: wireField.text, verification_status: wireField.text });
/** The states in which GitLab shows "Verified": the committer's own key, a known authority, or GitLab itself. */
const verified = new Set(['verified', 'verified_ca', 'verified_system']);

/** The signature of a commit that was just listed. GitLab answers 404 for one without; any other refusal is not knowing. */
export async function readSignature(gitlab: GitLab, projectPath: string, sha: string): Promise<Signature> {
  const what = `the signature of commit ${sha.slice(0, 12)}`;
  const read = await attempt(async () => {
    const value = await gitlab.get(`${projectPath}/repository/commits/${urlSegment(sha)}/signature`, {}, what);
    return readWire(wireSignature, value, what);
  });
  if (read instanceof OperationError) {
    const isUnsigned = read.details.status === 404;
    return { state: isUnsigned ? 'unsigned' : 'unknown', type: null, detail: isUnsigned ? null : read.code };
  }
  const status = read.verification_status;
  return {
    state: status === null ? 'unknown' : verified.has(status) ? 'verified' : 'unverified',
    type: lineOrNull(read.signature_type, 40),
    detail: lineOrNull(status, 60),
  };
}
