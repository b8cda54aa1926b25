import { type Dependency, dependency } from './dependency';

/**
 * A container image by its reference: `registry.example/group/name:tag@sha256:...`. The version is the tag, the
 * integrity the digest, and the source the registry, which is Docker Hub when none is named.
 */
export function imageOf(reference: string, key: string): Dependency {
  const [named = '', digest] = reference.trim().split('@');
  const match = /^(.*?)(?::([^:/]+))?$/s.exec(named);
  const path = match?.[1] ?? named;
  const tag = match?.[2] ?? null;
  const first = path.split('/')[0] ?? '';
  const hasHost = path.includes('/') && (/[.:]/.test(first) || first === 'localhost' || first.includes('$'));
  return dependency({
    ecosystem: 'docker',
    name: path,
    version: tag,
    isDirect: true,
    source: { type: 'registry', url: hasHost ? first : 'docker.io' },
    integrity: digest === undefined || digest.trim() === '' ? [] : [digest.trim()],
    key,
  });
}
