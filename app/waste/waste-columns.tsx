import Link from 'next/link';
import type { WastePrices, WasteReport, WasteRow, WasteSums } from '../../lib/model/index.ts';
import type { Column } from '../components/data-table.client.tsx';
import { Meter, type MeterPart } from '../components/meter.tsx';
import { Value } from '../components/value.tsx';
import { ownerHref } from '../containers/container-address.ts';
import { PersonName } from '../containers/owner-cells.tsx';
import { kindWords, ownerName } from '../containers/owner-words.ts';
import type { CsvColumn } from '../export/csv.ts';
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatHours,
  formatJoules,
  formatPercent,
} from '../format/index.ts';

/** Idle of occupied time; null where there is none. */
export const idleRatio = ({ idleSeconds, occupiedSeconds }: WasteSums): number | null =>
  occupiedSeconds > 0 ? Math.min(1, idleSeconds / occupiedSeconds) : null;

export function timeParts(sums: WasteSums): readonly MeterPart[] {
  const { occupiedSeconds, usedSeconds, idleSeconds, untoldSeconds } = sums;
  if (occupiedSeconds === 0) return [];
  const part = (key: string, look: MeterPart['look'], seconds: number): MeterPart => ({
    key,
    look,
    ratio: seconds / occupiedSeconds,
    title: `${key} ${formatHours(seconds)}`,
  });
  return [
    part('used', 'solid', usedSeconds),
    part('idle', 'third', idleSeconds),
    part('not told', 'hatched', untoldSeconds),
  ].filter(({ ratio }) => ratio > 0);
}

const nameReason: Readonly<Record<WasteReport['by'], string>> = {
  owner: 'nothing was told of it but numbers',
  person: 'nothing tells whose they are',
  group: 'nothing was told of them but numbers',
  image: 'no image: not containers, or no engine could be asked',
  namespace: 'in no Kubernetes namespace',
  host: 'nothing was told of it but numbers',
};

function Name({ row, by }: { row: WasteRow; by: WasteReport['by'] }) {
  const { owner, name } = row;
  if (owner === null)
    return (
      <Value
        value={name}
        reason={nameReason[by]}
        format={(text) => <span className="whitespace-normal break-all font-medium">{text}</span>}
      />
    );
  return (
    <span className="min-w-0">
      <Link
        href={ownerHref(owner)}
        prefetch={false}
        data-row-link
        title={owner.key}
        className="break-all font-medium hover:underline"
      >
        {ownerName({ name, key: owner.key })}
      </Link>
      <span className="block text-xs text-muted">
        {owner.runtime === null ? '' : `${kindWords(owner.runtime)} on `}
        {owner.hostname}
      </span>
    </span>
  );
}

const personOf = ({ owner }: WasteRow) =>
  owner === null
    ? null
    : { name: owner.person, from: owner.personFrom ?? ('unknown' as const), isInferred: owner.isInferred };

const ownerCsv: readonly CsvColumn<WasteRow>[] = [
  { header: 'Name', value: ({ name }) => name },
  { header: 'Id', value: ({ owner }) => owner?.key },
  { header: 'Kind', value: ({ owner }) => owner?.runtime },
  { header: 'Host', value: ({ owner }) => owner?.hostname },
  { header: 'Group', value: ({ owner }) => owner?.group },
  { header: 'Image', value: ({ owner }) => owner?.image },
  { header: 'Namespace', value: ({ owner }) => owner?.namespace },
  { header: 'Pod', value: ({ owner }) => owner?.pod },
];

function nameColumns(by: WasteReport['by']): readonly Column<WasteRow>[] {
  const name: Column<WasteRow> = {
    id: 'name',
    header: {
      owner: 'Owner',
      person: 'User',
      group: 'Group',
      image: 'Image',
      namespace: 'Namespace',
      host: 'Host',
    }[by],
    card: 'title',
    className: 'py-1.5',
    sort: (row) => row.name,
    ...(by === 'owner' ? { csv: ownerCsv } : {}),
    cell: (row) => <Name row={row} by={by} />,
  };
  if (by === 'owner')
    return [
      name,
      {
        id: 'person',
        header: 'User',
        card: 'labelled',
        sort: ({ owner }) => owner?.person ?? null,
        csv: [
          { header: 'User', value: ({ owner }) => owner?.person },
          { header: 'User told by', value: ({ owner }) => owner?.personFrom },
        ],
        cell: (row) => <PersonName person={personOf(row)} />,
      },
    ];
  return [
    name,
    {
      id: 'owners',
      header: 'Owners',
      align: 'right',
      sort: ({ owners }) => owners,
      cell: ({ owners }) => formatCount(owners),
    },
  ];
}

type Definitions = WasteReport['definitions'];

function hours(
  shape: Pick<Column<WasteRow>, 'id' | 'header'> & { readonly hint: string | undefined },
  read: (row: WasteRow) => number,
): Column<WasteRow> {
  const { id, header, hint } = shape;
  return {
    id,
    header,
    ...(hint === undefined ? {} : { hint }),
    align: 'right',
    card: 'labelled',
    sort: read,
    csv: [{ header: `${header} (seconds)`, value: read }],
    cell: (row) => formatHours(read(row)),
  };
}

function timeColumns(definitions: Definitions): readonly Column<WasteRow>[] {
  return [
    hours(
      { id: 'occupied', header: 'Occupied', hint: definitions['occupied'] },
      (row) => row.occupiedSeconds,
    ),
    {
      id: 'time',
      header: 'Used, idle',
      cell: (row) => <Meter parts={timeParts(row)} className="h-2 w-24" />,
    },
    hours({ id: 'granted', header: 'Granted', hint: definitions['granted'] }, (row) => row.grantedSeconds),
    hours({ id: 'used', header: 'Used', hint: definitions['used'] }, (row) => row.usedSeconds),
    hours({ id: 'idle', header: 'Idle', hint: definitions['idle'] }, (row) => row.idleSeconds),
    {
      id: 'ratio',
      header: 'Idle %',
      align: 'right',
      sort: idleRatio,
      csv: [{ header: 'Idle (ratio)', value: idleRatio }],
      cell: (row) => <Value value={idleRatio(row)} format={formatPercent} reason="no time" />,
    },
    hours({ id: 'untold', header: 'Not told', hint: definitions['untold'] }, (row) => row.untoldSeconds),
    {
      id: 'held',
      header: 'Memory held idle',
      hint: definitions['heldMemory'] ?? '',
      align: 'right',
      sort: (row) => row.workFreeByteSeconds,
      csv: [{ header: 'Memory held without work (byte-seconds)', value: (row) => row.workFreeByteSeconds }],
      cell: (row) => `${formatBytes(row.workFreeByteSeconds / 3600)}·h`,
    },
  ];
}

function costColumns(definitions: Definitions, prices: WastePrices): readonly Column<WasteRow>[] {
  const amount = (value: number | null) => (
    <Value
      value={value}
      format={(told) => formatAmount(told, prices.currency)}
      reason="the price, or the power of its GPUs, is not told"
    />
  );
  const unit = prices.currency === '' ? '' : ` (${prices.currency})`;
  const energy: Column<WasteRow> = {
    id: 'energy',
    header: 'Energy',
    hint: definitions['energy'] ?? '',
    align: 'right',
    card: 'labelled',
    sort: (row) => row.energyJoules,
    csv: [{ header: 'Energy (joules)', value: (row) => row.energyJoules }],
    cell: (row) => <Value value={row.energyJoules} format={formatJoules} reason="its GPUs told no power" />,
  };
  if (prices.perGpuHour === null && prices.perKilowattHour === null) return [energy];
  return [
    energy,
    {
      id: 'cost',
      header: 'Cost',
      hint: definitions['cost'] ?? '',
      align: 'right',
      card: 'labelled',
      sort: (row) => row.cost,
      csv: [{ header: `Cost${unit}`, value: (row) => row.cost }],
      cell: (row) => amount(row.cost),
    },
    {
      id: 'idle-cost',
      header: 'Cost of idle',
      hint: definitions['idleCost'] ?? '',
      align: 'right',
      card: 'labelled',
      sort: (row) => row.idleCost,
      csv: [{ header: `Cost of idle${unit}`, value: (row) => row.idleCost }],
      cell: (row) => amount(row.idleCost),
    },
  ];
}

/** Columns of the Waste page, by what its rows are. */
export const wasteColumns = ({ by, definitions, prices }: WasteReport): readonly Column<WasteRow>[] => [
  ...nameColumns(by),
  ...timeColumns(definitions),
  ...costColumns(definitions, prices),
];
