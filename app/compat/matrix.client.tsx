'use client';
import clsx from 'clsx';
import {
  type CompatCell,
  type CompatGroup,
  type CompatImageRow,
  type VerdictKind,
  verdictKinds,
} from '../../lib/model/index.ts';
import { pushInUrl } from '../components/url-state.client.ts';
import { missing, plural } from '../format/index.ts';
import { VerdictMark } from './verdict-mark.tsx';
import { verdictWords, wayWords } from './words.ts';

interface CellProps {
  readonly image: string;
  readonly cell: CompatCell;
  readonly isOpen: boolean;
}

/** What of the group's hosts is not as most are. */
function others({ hostsByVerdict, verdict }: CompatCell): readonly string[] {
  return verdictKinds
    .filter((kind): kind is VerdictKind => kind !== verdict && hostsByVerdict[kind] > 0)
    .map((kind) => `${verdictWords[kind]} on ${hostsByVerdict[kind]}`);
}

function Cell({ image, cell, isOpen }: CellProps) {
  const { verdict, way, containers, group } = cell;
  if (verdict === null)
    return (
      <span title="No host of this group reports" className="text-muted">
        {missing}
      </span>
    );
  const notes = [
    ...(way === 'native' || way === null ? [] : [wayWords[way]]),
    ...others(cell),
    ...(containers === 0 ? [] : [`${plural(containers, 'container')} now`]),
  ];
  return (
    <a
      href={`?${new URLSearchParams({ image, cell: group })}`}
      data-cell={`${image} ${group}`}
      aria-current={isOpen ? 'true' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        pushInUrl({ image, cell: group });
      }}
      className={clsx('-mx-2 block min-w-0 rounded-md px-2 py-1 hover:bg-raised', isOpen && 'bg-raised')}
    >
      <VerdictMark verdict={verdict} />
      {notes.map((note) => (
        <span key={note} className="block text-xs text-muted">
          {note}
        </span>
      ))}
    </a>
  );
}

/** What the API knows the row by: its name, or its id where two images of that name are in use. */
export function addressOf(row: CompatImageRow, rows: readonly CompatImageRow[]): string {
  const isOnly = rows.filter(({ reference }) => reference === row.reference).length === 1;
  return isOnly ? row.reference : (row.imageId ?? row.reference);
}

function ImageTitle({ row, isOnly }: { row: CompatImageRow; isOnly: boolean }) {
  const running = row.running === 0 ? [] : [`${row.running} running`];
  const failed = row.failed === 0 ? [] : [`${row.failed} failed`];
  return (
    <span className="block min-w-0">
      <span className="block break-all font-mono text-[13px] font-normal">{row.reference}</span>
      <span className="block text-xs font-normal text-muted">
        {[
          row.cuda === null ? 'CUDA not known' : `CUDA ${row.cuda}`,
          ...running,
          ...failed,
          ...(isOnly ? [] : [row.imageId?.replace('sha256:', '').slice(0, 12) ?? '']),
        ].join(' · ')}
      </span>
    </span>
  );
}

function GroupTitle({ group }: { group: CompatGroup }) {
  const [driver, ...more] = group.drivers;
  return (
    <span className="block break-words">
      {group.group} <span className="font-normal text-muted">{plural(group.hosts, 'host')}</span>
      <span className="block text-xs font-normal text-muted">
        {driver === undefined ? 'driver not told' : driver.version}
        {more.length === 0 ? '' : ` and ${more.length} more`}
      </span>
    </span>
  );
}

interface MatrixProps {
  readonly groups: readonly CompatGroup[];
  readonly images: readonly CompatImageRow[];
  readonly open: { readonly image: string; readonly group: string };
}

/** Images against groups of hosts, each cell a verdict; cards when narrow, and sideways only where it must. */
export function Matrix({ groups, images, open }: MatrixProps) {
  return (
    <div className="overflow-x-auto">
      <table className="cards w-full border-separate border-spacing-0 max-sm:block">
        <caption className="sr-only">Whether each image can use CUDA, by group of hosts</caption>
        <thead>
          <tr>
            <th scope="col" className="w-72 px-3 py-2 text-left align-bottom font-medium">
              Image
            </th>
            {groups.map((group) => (
              <th
                key={group.group}
                scope="col"
                className="min-w-36 px-3 py-2 text-left align-bottom font-medium"
              >
                <GroupTitle group={group} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {images.map((row) => {
            const image = addressOf(row, images);
            return (
              <tr key={image} data-row={image}>
                <th
                  scope="row"
                  className="border-t border-line px-3 py-2 text-left align-top max-sm:col-span-2 max-sm:border-0 max-sm:p-0"
                >
                  <ImageTitle row={row} isOnly={image === row.reference} />
                </th>
                {row.cells.map((cell) => (
                  <td
                    key={cell.group}
                    data-card="labelled"
                    data-label={cell.group}
                    className="border-t border-line px-3 py-1 align-top"
                  >
                    <Cell
                      image={image}
                      cell={cell}
                      isOpen={open.image === image && open.group === cell.group}
                    />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
