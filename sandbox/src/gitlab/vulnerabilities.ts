import type { Json } from './entities';
import type { Project } from './world';

const DAY = 86_400_000;

interface Planted {
  title: string;
  severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'INFO' | 'UNKNOWN';
  state: 'DETECTED' | 'CONFIRMED' | 'DISMISSED' | 'RESOLVED';
  reportType: string;
  scanner: string;
  location: Json;
  identifiers: Json[];
  daysAgo: number;
}

const cve = (name: string): Json => ({
  name,
  externalType: 'cve',
  externalId: name,
  url: `https://cve.example/${name}`,
});
const cwe = (id: string): Json => ({ name: `CWE-${id}`, externalType: 'cwe', externalId: id, url: null });

const PLANTED: Record<string, Planted[]> = {
  'payments-api': [
    {
      title: 'Prototype pollution in simulated-merge',
      severity: 'CRITICAL',
      state: 'DETECTED',
      reportType: 'DEPENDENCY_SCANNING',
      scanner: 'Gemnasium',
      location: {
        __typename: 'VulnerabilityLocationDependencyScanning',
        file: 'package-lock.json',
        dependency: { package: { name: 'simulated-merge' }, version: '1.2.0' },
      },
      identifiers: [cve('CVE-2026-00001')],
      daysAgo: 2,
    },
    {
      title: 'AWS access token \u202e<script>alert(1)</script>\u0007',
      severity: 'CRITICAL',
      state: 'CONFIRMED',
      reportType: 'SECRET_DETECTION',
      scanner: 'Gitleaks',
      location: { __typename: 'VulnerabilityLocationSecretDetection', file: 'test/fixtures/aws.env', startLine: '3' },
      identifiers: [{ name: 'Gitleaks rule ID AWS', externalType: 'gitleaks_rule_id', externalId: 'AWS', url: null }],
      daysAgo: 9,
    },
    {
      title: 'Improper input validation',
      severity: 'MEDIUM',
      state: 'DETECTED',
      reportType: 'SAST',
      scanner: 'Semgrep',
      location: { __typename: 'VulnerabilityLocationSast', file: 'src/refunds.ts', startLine: '12' },
      identifiers: [cwe('20')],
      daysAgo: 20,
    },
    {
      title: 'Old TLS version offered',
      severity: 'LOW',
      state: 'DISMISSED',
      reportType: 'DAST',
      scanner: 'ZAP',
      location: {
        __typename: 'VulnerabilityLocationDast',
        hostname: 'https://staging.simulated-corp.example',
        path: '/',
      },
      identifiers: [cwe('326')],
      daysAgo: 33,
    },
  ],
  'customer-portal': [
    {
      title: 'Out-of-bounds read in libsimulated',
      severity: 'HIGH',
      state: 'DETECTED',
      reportType: 'CONTAINER_SCANNING',
      scanner: 'Trivy',
      location: {
        __typename: 'VulnerabilityLocationContainerScanning',
        image: 'registry.simulated-corp.example/portal:1.4',
        operatingSystem: 'debian 12',
        dependency: { package: { name: 'libsimulated' }, version: '2.1-3' },
      },
      identifiers: [cve('CVE-2026-00002')],
      daysAgo: 5,
    },
  ],
};

/** Vulnerabilities of a project's default branch, as GraphQL gives them, newest first. */
export function vulnerabilitiesOf(project: Project, now: Date, base: string): Json[] {
  const planted = PLANTED[project.path.split('/').pop() ?? ''] ?? [];
  return planted
    .map((entry, index) => ({
      id: `gid://gitlab/Vulnerability/${project.id * 100 + index}`,
      title: entry.title,
      severity: entry.severity,
      state: entry.state,
      reportType: entry.reportType,
      detectedAt: new Date(now.getTime() - entry.daysAgo * DAY).toISOString(),
      resolvedOnDefaultBranch: false,
      webUrl: `${base}/${project.path}/-/security/vulnerabilities/${project.id * 100 + index}`,
      scanner: { name: entry.scanner, vendor: 'GitLab' },
      identifiers: entry.identifiers,
      location: entry.location,
    }))
    .sort((a, b) => b.detectedAt.localeCompare(a.detectedAt));
}
