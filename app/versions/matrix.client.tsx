'use client';
import clsx from 'clsx';
import { Check, ChevronDown, ChevronRight, Pencil, Sparkles, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import {
  type BaselineKind,
  type FacetName,
  type FacetSection,
  facetNames,
  facetShapes,
  sectionTitles,
  type VersionsCell,
  type VersionsGroup,
} from '../../lib/model/index.ts';
import { pushInUrl } from '../components/url-state.client.ts';
import { formatCount, missing, plural } from '../format/index.ts';
import { cellKey, facetSources, facetTitles, kindMeanings, kindWords } from './facet-words.ts';

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

function toldWords({ told, values }: VersionsCell): string {
  const different = values.filter(({ hosts }) => hosts > 0).length;
  return different === 1 ? plural(told, 'host') : `${different} values on ${plural(told, 'host')}`;
}

function Verdict({ cell, hosts }: { cell: VersionsCell; hosts: number }) {
  const rest = restWords(cell);
  const told =
    cell.told === 0
      ? []
      : cell.baseline === null
        ? [toldWords(cell)]
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
  /** Only facets in which a host differs. */
  readonly onlyDiffering: boolean;
}

const sections: readonly FacetSection[] = ['driver', 'containers', 'gpus', 'system'];
const cellIn = ({ cells }: VersionsGroup, facet: FacetName): VersionsCell | undefined =>
  cells.find((each) => each.facet === facet);
const differsIn = (groups: readonly VersionsGroup[], facet: FacetName): number =>
  groups.reduce((sum, group) => sum + (cellIn(group, facet)?.differ ?? 0), 0);
/** Whether any host has such a thing, or is meant to. */
const isTold = (groups: readonly VersionsGroup[], facet: FacetName): boolean =>
  groups.some((group) => {
    const cell = cellIn(group, facet);
    return cell !== undefined && (cell.baseline !== null || cell.values.length > 0);
  });

function SectionHead({
  section,
  differ,
  isOpen,
  toggle,
}: {
  section: FacetSection;
  differ: number;
  isOpen: boolean;
  toggle: () => void;
}) {
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={toggle}
      className="flex w-full items-baseline gap-1.5 py-2 text-left font-medium hover:underline"
    >
      <Icon className="size-3.5 translate-y-[0.15rem] text-muted" aria-hidden />
      {sectionTitles[section]}
      <span className={clsx('text-xs font-normal', differ > 0 ? 'text-warn' : 'text-muted')}>
        {differ > 0 ? plural(differ, 'difference') : 'nothing differs'}
      </span>
    </button>
  );
}

function FacetRow({ facet, groups, open }: Pick<MatrixProps, 'groups' | 'open'> & { facet: FacetName }) {
  return (
    <tr data-row={facet}>
      <th
        scope="row"
        className="sticky left-0 z-[1] border-t border-line bg-surface px-3 py-2 text-left align-top font-medium max-sm:static max-sm:col-span-2 max-sm:border-0 max-sm:p-0"
      >
        <FacetTitle facet={facet} />
      </th>
      {groups.map((group) => {
        const cell = cellIn(group, facet);
        return (
          <td key={group.group} data-card="labelled" data-label={group.group} className={bodyCell}>
            {cell === undefined ? null : (
              <Cell group={group} cell={cell} isOpen={open === cellKey({ facet, group: group.group })} />
            )}
          </td>
        );
      })}
    </tr>
  );
}

/** Facets against groups in sections, each cell its baseline and how many differ; cards when narrow. */
export function Matrix({ groups, open, onlyDiffering }: MatrixProps) {
  const [closed, setClosed] = useState<readonly FacetSection[]>([]);
  const silent = facetNames.filter((facet) => !isTold(groups, facet));
  const shownOf = (section: FacetSection): readonly FacetName[] =>
    facetNames.filter(
      (facet) =>
        facetShapes[facet].section === section &&
        !silent.includes(facet) &&
        (!onlyDiffering || differsIn(groups, facet) > 0),
    );
  return (
    <div className="overflow-x-auto max-sm:overflow-x-visible">
      <table
        style={{ minWidth: `${10 + groups.length * 11}rem` }}
        className="cards w-full table-fixed border-separate border-spacing-0 max-sm:block max-sm:!min-w-0"
      >
        <caption className="sr-only">Baselines and how many hosts differ, by group</caption>
        <thead>
          <tr>
            <th scope="col" className={clsx(headCell, 'sticky left-0 z-[1] w-40 bg-surface')}>
              <span className="sr-only">Facet</span>
            </th>
            {groups.map((group) => (
              <th key={group.group} scope="col" className={headCell}>
                <GroupTitle group={group} />
              </th>
            ))}
          </tr>
        </thead>
        {sections.map((section) => {
          const facets = shownOf(section);
          if (facets.length === 0) return null;
          const isOpen = !closed.includes(section);
          const differ = facets.reduce((sum, facet) => sum + differsIn(groups, facet), 0);
          return (
            <tbody key={section} data-section={section}>
              <tr className="max-sm:!block max-sm:!border-0 max-sm:!p-0">
                <th
                  colSpan={groups.length + 1}
                  scope="colgroup"
                  className="border-t border-line bg-raised px-3 text-left font-normal max-sm:block max-sm:border-0"
                >
                  <SectionHead
                    section={section}
                    differ={differ}
                    isOpen={isOpen}
                    toggle={() =>
                      setClosed(isOpen ? [...closed, section] : closed.filter((each) => each !== section))
                    }
                  />
                </th>
              </tr>
              {isOpen
                ? facets.map((facet) => <FacetRow key={facet} facet={facet} groups={groups} open={open} />)
                : null}
            </tbody>
          );
        })}
      </table>
      {silent.length === 0 || onlyDiffering ? null : (
        <p className="border-t border-line px-3 py-2 text-xs text-muted">
          No host tells: {silent.map((facet) => facetTitles[facet]).join(', ')}.
        </p>
      )}
    </div>
  );
}
