import { driverBranchesAsOf, driverBranchOf, isOutOfSupport } from '../../lib/drift/index.ts';
import type { VersionsCell } from '../../lib/model/index.ts';

const monthWords = (month: string): string =>
  new Date(`${month}-15T00:00:00Z`).toLocaleDateString('en', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });

/** Until when NVIDIA supports the branches that run here; nothing for branches whose end is not known. */
export function DriverSupport({ cell, serverTime }: { cell: VersionsCell; serverTime: string }) {
  const versions = [
    ...(cell.baseline === null ? [] : [cell.baseline.value]),
    ...cell.values.map(({ value }) => value),
  ];
  const branches = new Map(
    versions.flatMap((version) => {
      const branch = driverBranchOf(version);
      return branch === null ? [] : [[branch.branch, branch] as const];
    }),
  );
  if (branches.size === 0) return null;
  return (
    <ul className="mt-1 text-xs text-muted">
      {[...branches.values()].map((branch) => {
        const ended = isOutOfSupport(branch, serverTime);
        return (
          <li key={branch.branch}>
            Branch R{branch.branch}, {branch.kind}:{' '}
            <span className={ended ? 'font-medium text-warn' : undefined}>
              support {ended ? 'ended' : 'until'} {monthWords(branch.supportedUntil)}
            </span>{' '}
            (
            <a href={branch.source} target="_blank" rel="noreferrer" className="text-accent underline">
              {new URL(branch.source).hostname}
            </a>
            , as of {monthWords(driverBranchesAsOf)})
          </li>
        );
      })}
    </ul>
  );
}
