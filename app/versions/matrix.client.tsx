'use client';
import clsx from 'clsx';
import { Check, Pencil, Sparkles, TriangleAlert } from 'lucide-react';
import type { BaselineKind, FacetName, VersionsCell, VersionsGroup } from '../../lib/model/index.ts';
import { facetNames } from '../../lib/model/index.ts';
import { pushInUrl } from '../components/url-state.client.ts';
import { formatCount, missing, plural } from '../format/index.ts';
import { cellKey, facetSources, facetTitles, kindMeanings, kindWords } from './facet-words.ts';

/** With more groups than this the groups are the rows: the page then scrolls down and not sideways. */
const mostGroupsAcross = 5;

const kindIcons = { declared: Pencil, accepted: Check, inferred: Sparkles } as const;

/** Which kind a baseline is: a shape and a word, with what it means on hover. */
export function KindMark({ kind }: { kind: BaselineKind }) {
  const Icon = kindIcons[kind];
  return (
    <span
      title={kindMeanings[kind]}
      className="inline-flex items-baseline gap-1 whitespace-nowrap text-xs text-muted"
    >
      <Icon className="size-3 translate-y-[0.1rem]" aria-hidden />
      {kindWords[kind]}
    </span>
  );
}

/** What of a group does not tell the facet, and why, in a few words each. */
export function restWords({ absent, unknown, silent }: VersionsCell): readonly string[] {
  return [
    ...(absent === 0 ? [] : [`${formatCount(absent)} without`]),
    ...(unknown === 0 ? [] : [`${formatCount(unknown)} unknown`]),
    ...(silent === 0 ? [] : [`${formatCount(silent)} silent`]),
  ];
}

function Verdict({ cell, hosts }: { cell: VersionsCell; hosts: number }) {
  const rest = restWords(cell);
  const told =
    cell.told === 0
      ? []
      : cell.baseline === null
        ? [
            `${plural(cell.values.filter((value) => value.hosts > 0).length, 'version')} on ${plural(cell.told, 'host')}`,
          ]
        : cell.differ > 0
          ? []
          : [cell.agree === hosts ? `all ${formatCount(hosts)}` : `${formatCount(cell.agree)} agree`];
  return (
    <span className="flex flex-wrap items-baseline gap-x-2 text-xs text-muted">
      {cell.differ > 0 ? (
        <span className="inline-flex items-baseline gap-1 font-medium text-warn">
          <TriangleAlert className="size-3.5 translate-y-[0.15rem]" aria-hidden />
          {formatCount(cell.differ)} of {formatCount(cell.told)} {cell.differ === 1 ? 'differs' : 'differ'}
        </span>
      ) : null}
      {[...told, ...rest].map((words) => (
        <span key={words} className="whitespace-nowrap">
          {words}
        </span>
      ))}
    </span>
  );
}

function headline({ baseline, values }: VersionsCell): string | null {
  if (baseline !== null) return baseline.value;
  const [first, second] = values.filter(({ hosts }) => hosts > 0);
  return first !== undefined && second === undefined ? first.value : null;
}

interface CellProps {
  readonly group: VersionsGroup;
  readonly cell: VersionsCell;
  readonly isOpen: boolean;
}

function Cell({ group, cell, isOpen }: CellProps) {
  const key = cellKey({ facet: cell.facet, group: group.group });
  const value = headline(cell);
  return (
    <a
      href={`?${new URLSearchParams({ cell: key })}`}
      data-cell={key}
      aria-current={isOpen ? 'true' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        pushInUrl({ cell: key });
      }}
      className={clsx(
        '-mx-2 block min-w-0 rounded-md px-2 py-1 hover:bg-raised',
        isOpen && 'bg-raised outline outline-line-strong',
      )}
    >
      <span className="flex flex-wrap items-baseline gap-x-2">
        {value === null ? (
          <span className="text-muted">{cell.told === 0 ? missing : 'several'}</span>
        ) : (
          <span className="break-all font-mono text-[13px]">{value}</span>
        )}
        {cell.baseline === null ? (
          <span className="whitespace-nowrap text-xs text-muted">no baseline</span>
        ) : (
          <KindMark kind={cell.baseline.kind} />
        )}
      </span>
      <Verdict cell={cell} hosts={group.hosts} />
    </a>
  );
}

function FacetTitle({ facet }: { facet: FacetName }) {
  return <span title={facetSources[facet]}>{facetTitles[facet]}</span>;
}

function GroupTitle({ group }: { group: VersionsGroup }) {
  return (
    <span className="break-words">
      {group.group} <span className="font-normal text-muted">{plural(group.hosts, 'host')}</span>
    </span>
  );
}

const headCell = 'px-3 py-2 text-left align-bottom font-medium';
const bodyCell = 'border-t border-line px-3 py-1 align-top';

interface MatrixProps {
  readonly groups: readonly VersionsGroup[];
  /** Key of the cell that is open; empty when none is. */
  readonly open: string;
}

/** Facets against groups, each cell its baseline and how many differ; cards when narrow. */
export function Matrix({ groups, open }: MatrixProps) {
  const groupsAcross = groups.length <= mostGroupsAcross;
  const cellOf = (group: VersionsGroup, facet: FacetName) => {
    const cell = group.cells.find((each) => each.facet === facet);
    return cell === undefined ? null : (
      <Cell group={group} cell={cell} isOpen={open === cellKey({ facet, group: group.group })} />
    );
  };
  const columns = groupsAcross
    ? groups.map((group) => ({ key: group.group, title: <GroupTitle group={group} />, label: group.group }))
    : facetNames.map((facet) => ({
        key: facet,
        title: <FacetTitle facet={facet} />,
        label: facetTitles[facet],
      }));
  const rows = groupsAcross
    ? facetNames.map((facet) => ({
        key: facet,
        title: <FacetTitle facet={facet} />,
        cells: groups.map((group) => cellOf(group, facet)),
      }))
    : groups.map((group) => ({
        key: group.group,
        title: <GroupTitle group={group} />,
        cells: facetNames.map((facet) => cellOf(group, facet)),
      }));
  return (
    <table className="cards w-full table-fixed border-separate border-spacing-0 max-sm:block">
      <caption className="sr-only">Baselines and how many hosts differ, by group</caption>
      <thead>
        <tr>
          <th scope="col" className={clsx(headCell, 'w-40')}>
            <span className="sr-only">{groupsAcross ? 'Facet' : 'Group'}</span>
          </th>
          {columns.map((column) => (
            <th key={column.key} scope="col" className={headCell}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-row={row.key}>
            <th
              scope="row"
              className="border-t border-line px-3 py-2 text-left align-top font-medium max-sm:col-span-2 max-sm:border-0 max-sm:p-0"
            >
              {row.title}
            </th>
            {columns.map((column, index) => (
              <td key={column.key} data-card="labelled" data-label={column.label} className={bodyCell}>
                {row.cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
