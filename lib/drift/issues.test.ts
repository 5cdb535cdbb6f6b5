import { describe, expect, test } from 'vitest';
import { type FacetName, facetNames, type HostFacet, type VersionsHost } from '../model/index.ts';
import { groupIssues, issuesOf } from './issues.ts';
import type { StackKnowledge } from './knowledge.ts';

const knowledge: StackKnowledge = {
  branches: [
    { branch: 595, kind: 'production', newestKnown: '595.91.07', supportedUntil: '2027-03' },
    { branch: 580, kind: 'long-term support', newestKnown: '580.178.04', supportedUntil: '2028-06' },
    { branch: 570, kind: 'production', newestKnown: '570.211.01', supportedUntil: '2026-01' },
    { branch: 620, kind: null, newestKnown: '620.70.06', supportedUntil: null },
  ],
  bulletins: [
    {
      bulletin: '5747',
      cves: { 'CVE-2025-33219': 7.8 },
      fixes: [{ branch: 580, version: '580.126.09' }],
    },
    {
      bulletin: '5821',
      cves: { 'CVE-2026-24187': 8.8, 'CVE-2026-24193': 7.8 },
      fixes: [
        { branch: 580, version: '580.159.03' },
        { branch: 595, version: '595.71.05', cves: ['CVE-2026-24187'] },
      ],
    },
  ],
  toolkitCves: [
    { cve: 'CVE-2025-23359', bulletin: '5616', cvss: 8.3, fixedIn: '1.17.4', condition: 'not-with-cdi' },
    { cve: 'CVE-2025-23266', bulletin: '5659', cvss: 9, fixedIn: '1.17.8', condition: 'cdi-before-1.17.5' },
    { cve: 'CVE-2026-24260', bulletin: '5850', cvss: 8.5, fixedIn: '1.19.1', condition: null },
  ],
};

const now = '2026-11-30T12:00:00.000Z';
const since = '2026-11-30T03:12:00.000Z';

type Values = Partial<Record<FacetName, string>>;

function hostOf(values: Values, changes: Partial<Record<FacetName, Partial<HostFacet>>> = {}): VersionsHost {
  const facets = Object.fromEntries(
    facetNames.map((facet) => [
      facet,
      {
        value: values[facet] ?? null,
        missing: values[facet] === undefined ? 'unknown' : null,
        reason: '',
        note: null,
        toldAt: null,
        since: values[facet] === undefined ? null : since,
        previous: null,
        ...changes[facet],
      },
    ]),
  ) as Record<FacetName, HostFacet>;
  return { id: 'h', hostname: 'gpu-1', group: 'a', reporting: true, facets };
}

const kinds = (host: VersionsHost) => issuesOf(host, knowledge, now).map(({ kind }) => kind);
const found = (values: Values) => issuesOf(hostOf(values), knowledge, now);

describe('the driver on disk and the one that is loaded', () => {
  test.each<[string, Values, object | null]>([
    ['all the same', { driver: '580.178.04', library: '580.178.04', moduleOnDisk: '580.178.04' }, null],
    [
      'library and module newer',
      { driver: '580.178.04', library: '595.91.07', moduleOnDisk: '595.91.07' },
      { kind: 'pending-mismatch', severity: 'critical', facet: 'library', since },
    ],
    [
      'library newer alone',
      { driver: '580.178.04', library: '595.91.07' },
      { kind: 'pending-mismatch', severity: 'critical' },
    ],
    [
      'library older',
      { driver: '595.91.07', library: '580.178.04' },
      { kind: 'library-mismatch', severity: 'critical' },
    ],
    [
      'module newer, library as the loaded one',
      { driver: '580.178.04', library: '580.178.04', moduleOnDisk: '595.91.07' },
      { kind: 'pending-mismatch', severity: 'warning', facet: 'moduleOnDisk' },
    ],
    [
      'module newer, library not known',
      { driver: '580.178.04', moduleOnDisk: '595.91.07' },
      { kind: 'pending-mismatch', severity: 'warning', why: expect.stringMatching(/^Reboot needed/) },
    ],
    ['no module loaded', { library: '595.91.07', moduleOnDisk: '595.91.07' }, null],
  ])('%s', (_, values, issue) => {
    expect(found(values)).toEqual(issue === null ? [] : [expect.objectContaining(issue)]);
  });

  test('an old value says nothing beside one of now; of a silent host all are equally old', () => {
    const values = { driver: '580.178.04', library: '595.91.07' };
    const host = hostOf(values, { library: { toldAt: since, missing: 'unknown' } });
    expect(kinds(host)).toEqual([]);
    expect(kinds({ ...host, reporting: false })).toEqual(['pending-mismatch']);
  });
});

test('fabric manager and CDI specification must be of the driver’s version', () => {
  const driver = '580.178.04';
  expect(found({ driver, fabricManager: driver, cdiDriver: driver })).toEqual([]);
  expect(found({ driver, fabricManager: '580.95.05', cdiDriver: '580.95.05' })).toEqual([
    expect.objectContaining({ kind: 'fabric-manager', severity: 'critical' }),
    expect.objectContaining({
      kind: 'stale-cdi',
      severity: 'warning',
      what: expect.stringMatching(/580\.95\.05; the driver is 580\.178\.04/),
    }),
  ]);
});

describe('vulnerabilities', () => {
  test.each<[string, string | null, readonly string[]]>([
    ['580.95.05', '580.159.03', ['CVE-2026-24187', 'CVE-2025-33219', 'CVE-2026-24193']],
    ['580.126.09', '580.159.03', ['CVE-2026-24187', 'CVE-2026-24193']],
    ['580.159.03', null, []],
    ['595.45.04', '595.71.05', ['CVE-2026-24187']],
    ['620.70.06', null, []],
  ])('driver %s is closed by %s', (driver, closedBy, cves) => {
    const [issue] = found({ driver });
    expect(issue?.closedBy ?? null).toBe(closedBy);
    expect(issue?.cves ?? []).toEqual(cves);
    if (closedBy !== null) expect(issue?.fix[0]).toContain(closedBy);
  });

  test.each<[string, string | null, string | null, readonly string[]]>([
    ['1.17.3', 'legacy', '1.19.1', ['CVE-2026-24260', 'CVE-2025-23359']],
    ['1.17.3', 'cdi', '1.19.1', ['CVE-2025-23266', 'CVE-2026-24260']],
    ['1.17.3', null, '1.19.1', ['CVE-2025-23266', 'CVE-2026-24260', 'CVE-2025-23359']],
    ['1.17.6', 'legacy', '1.19.1', ['CVE-2025-23266', 'CVE-2026-24260']],
    ['1.18.0', 'auto', '1.19.1', ['CVE-2026-24260']],
    ['1.19.1', 'auto', null, []],
  ])('toolkit %s in mode %s is closed by %s', (toolkit, mode, closedBy, cves) => {
    const [issue] = found({ toolkit, ...(mode === null ? {} : { toolkitMode: mode }) });
    expect(issue?.closedBy ?? null).toBe(closedBy);
    expect(issue?.cves ?? []).toEqual(cves);
    if (issue !== undefined)
      expect(issue.severity).toBe(cves.includes('CVE-2025-23266') ? 'critical' : 'warning');
  });
});

test.each([
  ['570.211.01', '2026-01-31T23:00:00.000Z', ['branch-ending']],
  ['570.211.01', '2026-02-01T00:00:00.000Z', ['branch-ended']],
  ['595.91.07', '2026-11-30T12:00:00.000Z', []],
  ['595.91.07', '2026-12-01T12:00:00.000Z', ['branch-ending']],
  ['620.70.06', now, []],
  ['340.108', now, []],
])('the branch of %s at %s', (driver, at, expected) => {
  expect(issuesOf(hostOf({ driver }), knowledge, at).map(({ kind }) => kind)).toEqual(expected);
});

test('the same on several hosts is one entry, the worst first', () => {
  const hosts = ['gpu-1', 'gpu-2'].map((id) => ({
    ...hostOf({ driver: '580.95.05', library: '580.95.05', cdiDriver: '580.1' }),
    id,
    hostname: id,
  }));
  const odd = { ...hostOf({ driver: '580.95.05', library: '580.159.03' }), id: 'gpu-3', hostname: 'gpu-3' };
  const groups = groupIssues([...hosts, odd].flatMap((host) => issuesOf(host, knowledge, now)));
  expect(groups.map(({ kind, hosts: on }) => [kind, on.map(({ id }) => id).join()])).toEqual([
    ['pending-mismatch', 'gpu-3'],
    ['stale-cdi', 'gpu-1,gpu-2'],
    ['vulnerable-driver', 'gpu-1,gpu-2,gpu-3'],
  ]);
});
