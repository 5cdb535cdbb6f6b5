'use client';
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, type ReactNode, type RefObject, useLayoutEffect, useMemo, useRef } from 'react';
import { type CsvColumn, toCsv } from '../export/csv.ts';
import { useSteadyOrder } from './steady-order.client.ts';
import { GroupHeading, gridColumns, roleOf, useGroupSizes } from './table-parts.client.tsx';
import { useUrlText } from './url-state.client.ts';
import { useWindowRows } from './window-rows.client.ts';

const noRows: readonly never[] = [];
const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export type SortValue = string | number | null;

/** A column: `sort` gives what it sorts by, null last in either direction. */
export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly sort?: (row: Row) => SortValue;
  /** What an export gives for it, units in the headers; what it sorts by unless told. */
  readonly csv?: readonly CsvColumn<Row>[];
  readonly align?: 'right';
  /** Its place when the table becomes cards; left out there when missing. */
  readonly card?: 'title' | 'state' | 'labelled';
  readonly className?: string;
  /** Share of the table's width, in percent. Where every column has one, no row can move another's cells. */
  readonly widthPercent?: number;
  /** What the column's numbers are, shown on hover of its header. */
  readonly hint?: string;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Id of the column that sorts until the reader chooses another; unless told, the rows' own order. */
  readonly firstSort?: string;
  /** Rows with the same group stand together beneath its heading. Null: no groups. */
  readonly groupOf?: ((row: Row) => string) | null;
  readonly isDimmed?: (row: Row) => boolean;
  readonly empty: ReactNode;
  /** From useShownRows(), where the table can be exported. */
  readonly shownRows?: RefObject<readonly Row[]>;
}

/** Gets the rows that a table shows now, filtered and in their order, for tableCsv(). */
export function useShownRows<Row>(): RefObject<readonly Row[]> {
  return useRef<readonly Row[]>([]);
}

/** What a table shows as CSV: its columns, with the values behind the words. */
export function tableCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const asSorted = ({ header, sort }: Column<Row>): readonly CsvColumn<Row>[] =>
    sort === undefined ? [] : [{ header, value: sort }];
  return toCsv(
    columns.flatMap((column) => column.csv ?? asSorted(column)),
    rows,
  );
}

const collator = new Intl.Collator('en', { numeric: true });

function compareValues(a: SortValue, b: SortValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

function readSorting(text: string): SortingState {
  if (text === '') return [];
  return [{ id: text.replace(/^-/, ''), desc: text.startsWith('-') }];
}

function useSorting(first: string): readonly [SortingState, (id: string) => void] {
  const [asked, setText] = useUrlText('sort');
  const text = asked === '' ? first : asked;
  const sorting = useMemo(() => readSorting(text), [text]);
  const toggle = (id: string) => setText(text === id ? `-${id}` : text === `-${id}` ? '' : id);
  return [sorting, toggle];
}

function useRows<Row>(props: DataTableProps<Row>, sorting: SortingState): readonly Row[] {
  const defs = useMemo(
    () =>
      props.columns.map(
        (column): ColumnDef<typeof features, Row & object> => ({
          id: column.id,
          accessorFn: (row) => column.sort?.(row) ?? undefined,
          sortFn: (a, b, id) => compareValues(a.getValue(id), b.getValue(id)),
          sortUndefined: 'last',
        }),
      ),
    [props.columns],
  );
  // Unsorted they stand as they come: thousands of them are not wrapped for nothing.
  const isSorted = sorting.length > 0;
  const table = useTable({
    features,
    columns: defs,
    data: (isSorted ? props.rows : noRows) as readonly (Row & object)[],
    getRowId: props.rowId,
    state: { sorting },
  });
  const { rows } = table.getRowModel();
  const { groupOf } = props;
  const given = props.rows;
  // Thousands of rows, and this runs at every step of a scroll.
  return useMemo(() => {
    const sorted = isSorted ? rows.map((row): Row => row.original) : given;
    if (!groupOf) return sorted;
    const groups = Map.groupBy(sorted, groupOf);
    return [...groups.keys()].sort(collator.compare).flatMap((key) => groups.get(key) ?? []);
  }, [rows, given, isSorted, groupOf]);
}

function HeaderCell<Row>({
  column,
  sorting,
  toggle,
  isGrid,
}: {
  column: Column<Row>;
  sorting: SortingState;
  toggle: (id: string) => void;
  isGrid: boolean;
}) {
  const direction = sorting[0]?.id === column.id ? (sorting[0].desc ? 'descending' : 'ascending') : undefined;
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      {...roleOf('columnheader', isGrid)}
      aria-sort={direction}
      title={column.hint}
      className={clsx(
        'h-8 whitespace-nowrap px-3 font-normal',
        column.align === 'right' ? 'text-right' : 'text-left',
      )}
    >
      {column.sort === undefined ? (
        column.header
      ) : (
        <button
          type="button"
          onClick={() => toggle(column.id)}
          className={clsx(
            'inline-flex items-center gap-1 hover:text-text',
            direction !== undefined && 'text-text',
          )}
        >
          {column.header}
          {direction === undefined ? null : <Arrow className="size-3" aria-hidden />}
        </button>
      )}
    </th>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return height <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

function RowCells<Row>({ columns, row, isGrid }: Pick<BodyRowProps<Row>, 'columns' | 'row' | 'isGrid'>) {
  return columns.map((column) => (
    <td
      key={column.id}
      {...roleOf('cell', isGrid)}
      data-card={column.card}
      data-label={column.header}
      className={clsx(
        'h-9 border-b border-line px-3',
        column.align === 'right' && 'text-right',
        column.className,
      )}
    >
      {column.cell(row)}
    </td>
  ));
}

interface BodyRowProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly isDimmed: boolean;
  readonly isGrid: boolean;
  readonly measure: ((element: HTMLTableRowElement | null) => void) | undefined;
}

function BodyRowCells<Row>({ id, index, row, columns, isDimmed, isGrid, measure }: BodyRowProps<Row>) {
  return (
    <tr
      data-row={id}
      data-index={index}
      ref={measure}
      className={clsx('hover:bg-raised', isDimmed && 'text-faint')}
      {...roleOf('row', isGrid)}
    >
      <RowCells columns={columns} row={row} isGrid={isGrid} />
    </tr>
  );
}

/** Drawn again only when its own row or the columns change: a step of a scroll draws what came into view. */
const BodyRow = memo(BodyRowCells) as typeof BodyRowCells;

/** A table that sorts by its headers (kept in the address), groups, virtualises, and turns into cards when narrow. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rowId, groupOf } = props;
  const [sorting, toggle] = useSorting(props.firstSort ?? '');
  const { steady, handlers } = useSteadyOrder(useRows(props, sorting), rowId, JSON.stringify(sorting));
  const sizes = useGroupSizes(steady, groupOf);
  const view = useWindowRows(steady.length);
  const isFixed = columns.every(({ widthPercent }) => widthPercent !== undefined);
  useLayoutEffect(() => {
    if (props.shownRows !== undefined) props.shownRows.current = steady;
  });
  if (props.rows.length === 0) return props.empty;
  const shown = steady.slice(view.from, view.to);
  const startsGroup = (index: number) => {
    const row = shown[index];
    const before = index === 0 ? steady[view.from - 1] : shown[index - 1];
    return groupOf && row !== undefined && (before === undefined || groupOf(before) !== groupOf(row))
      ? groupOf(row)
      : null;
  };
  return (
    <table
      className={clsx(
        'cards w-full border-separate border-spacing-0 max-sm:block',
        // Else the browser measures every cell and paints every row anew at each step of a scroll, and columns jump.
        isFixed && 'grid-rows',
      )}
      style={isFixed ? gridColumns(columns) : undefined}
      {...roleOf('table', isFixed)}
      {...handlers}
    >
      <caption className="sr-only">{props.caption}</caption>
      <thead className="text-muted" {...roleOf('rowgroup', isFixed)}>
        <tr {...roleOf('row', isFixed)}>
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} sorting={sorting} toggle={toggle} isGrid={isFixed} />
          ))}
        </tr>
      </thead>
      <tbody ref={view.body} {...roleOf('rowgroup', isFixed)}>
        <Spacer height={view.before} span={columns.length} />
        {/* Flat: rows within arrays of their own would be told apart by their place, and all made anew at each step. */}
        {shown.flatMap((row, index) => {
          const group = startsGroup(index);
          return [
            group === null ? null : (
              <GroupHeading
                key={`group before ${rowId(row)}`}
                group={group}
                size={sizes.get(group) ?? 0}
                span={columns.length}
                isGrid={isFixed}
              />
            ),
            <BodyRow
              key={rowId(row)}
              id={rowId(row)}
              index={view.from + index}
              row={row}
              columns={columns}
              isDimmed={props.isDimmed?.(row) === true}
              isGrid={isFixed}
              measure={view.measure}
            />,
          ];
        })}
        <Spacer height={view.after} span={columns.length} />
      </tbody>
    </table>
  );
}
