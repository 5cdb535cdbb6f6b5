import { compatDataAsOf, driverBranches } from '../../lib/cuda-compat/data/driver-branches.ts';
import { sources } from '../../lib/cuda-compat/data/sources.ts';
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
      const number = Number(/^\d+(?=\.)/.exec(version)?.[0]);
      const branch = driverBranches.find((each) => each.branch === number);
      const until = branch?.supportedUntil ?? null;
      return branch === undefined || until === null ? [] : [[number, { ...branch, until }] as const];
    }),
  );
  if (branches.size === 0) return null;
  return (
    <ul className="mt-1 text-xs text-muted">
      {[...branches.values()].map((branch) => {
        // The month in which it ends still counts.
        const ended = serverTime.slice(0, 7) > branch.until;
        const { title, url } = sources[branch.source];
        return (
          <li key={branch.branch}>
            Branch R{branch.branch}
            {branch.kind === null ? '' : `, ${branch.kind}`}:{' '}
            <span className={ended ? 'font-medium text-warn' : undefined}>
              support {ended ? 'ended' : 'until'} {monthWords(branch.until)}
            </span>{' '}
            (
            {url === null ? (
              title
            ) : (
              <a href={url} target="_blank" rel="noreferrer" className="text-accent underline">
                {new URL(url).hostname}
              </a>
            )}
            , as of {monthWords(compatDataAsOf)})
          </li>
        );
      })}
    </ul>
  );
}
