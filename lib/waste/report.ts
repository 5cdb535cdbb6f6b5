import type {
  PersonSource,
  WasteGrouping,
  WasteOwner,
  WastePrices,
  WasteRow,
  WasteSums,
} from '../model/index.ts';

/** One owner on one GPU over the month, as history has it. */
export interface Account {
  readonly hostId: string;
  readonly gpuUuid: string;
  readonly key: string;
  readonly owner: {
    readonly runtime: string;
    readonly name: string | null;
    readonly image: string | null;
    readonly person: string | null;
    readonly personFrom: string | null;
    readonly isInferred: boolean;
    readonly namespace: string | null;
    readonly pod: string | null;
    readonly hostname: string;
    readonly group: string;
  } | null;
  readonly seconds: number;
  readonly grantedSeconds: number;
  readonly usedSeconds: number;
  readonly workFreeSeconds: number;
  readonly idleSeconds: number;
  readonly smSeconds: number;
  readonly workFreeByteSeconds: number;
  readonly energyJoules: number | null;
}

export interface WasteOptions {
  readonly by: WasteGrouping;
  readonly prices: WastePrices;
}

const joulesPerKilowattHour = 3_600_000;

/** Rows by what was asked, the most idle first, and the sum of all. */
export function wasteReport(
  accounts: readonly Account[],
  options: WasteOptions,
): { readonly rows: readonly WasteRow[]; readonly total: WasteSums } {
  const groups = Map.groupBy(accounts, (account) => groupKey(account, options.by));
  const rows = [...groups.values()].map((group) => rowOf(group, options));
  rows.sort(
    (a, b) =>
      b.idleSeconds - a.idleSeconds || b.occupiedSeconds - a.occupiedSeconds || compareNames(a.name, b.name),
  );
  return { rows, total: sumsOf(accounts, options.prices) };
}

const compareNames = (a: string | null, b: string | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;

function nameOf({ key, hostId, owner }: Account, by: WasteGrouping): string | null {
  switch (by) {
    case 'owner':
      return owner?.name ?? key;
    case 'person':
      return owner?.person ?? null;
    case 'group':
      return owner?.group ?? null;
    case 'image':
      return owner?.image ?? null;
    case 'namespace':
      return owner?.namespace ?? null;
    case 'host':
      return owner?.hostname ?? hostId;
  }
}

/** Two hosts of one name stay two, as do two containers. */
function groupKey(account: Account, by: WasteGrouping): string {
  if (by === 'owner') return `${account.hostId} ${account.key}`;
  if (by === 'host') return account.hostId;
  const name = nameOf(account, by);
  return name === null ? 'null' : `=${name}`;
}

function rowOf(group: readonly Account[], { by, prices }: WasteOptions): WasteRow {
  const [first] = group;
  return {
    name: first === undefined ? null : nameOf(first, by),
    owners: new Set(group.map(({ hostId, key }) => `${hostId} ${key}`)).size,
    gpus: new Set(group.map(({ gpuUuid }) => gpuUuid)).size,
    owner: by === 'owner' && first !== undefined ? ownerOf(first) : null,
    ...sumsOf(group, prices),
  };
}

function ownerOf({ hostId, key, owner }: Account): WasteOwner {
  return {
    hostId,
    key,
    hostname: owner?.hostname ?? hostId,
    runtime: owner?.runtime ?? null,
    image: owner?.image ?? null,
    namespace: owner?.namespace ?? null,
    pod: owner?.pod ?? null,
    group: owner?.group ?? null,
    person: owner?.person ?? null,
    personFrom: (owner?.personFrom ?? null) as PersonSource | null,
    isInferred: owner?.isInferred ?? false,
  };
}

function sumsOf(accounts: readonly Account[], prices: WastePrices): WasteSums {
  const sum = (read: (account: Account) => number): number =>
    accounts.reduce((total, account) => total + read(account), 0);
  const occupiedSeconds = sum(({ seconds }) => seconds);
  const usedSeconds = sum((account) => account.usedSeconds);
  const idleSeconds = sum((account) => account.idleSeconds);
  const told = accounts.map(({ energyJoules }) => energyJoules).filter((joules) => joules !== null);
  const energyJoules = told.length === 0 ? null : told.reduce((total, joules) => total + joules, 0);
  return {
    occupiedSeconds,
    grantedSeconds: sum((account) => account.grantedSeconds),
    usedSeconds,
    idleSeconds,
    untoldSeconds: Math.max(
      0,
      sum((each) => each.seconds - each.usedSeconds - each.workFreeSeconds),
    ),
    smSeconds: sum((account) => account.smSeconds),
    workFreeByteSeconds: sum((account) => account.workFreeByteSeconds),
    energyJoules,
    cost: costOf({ occupiedSeconds, energyJoules }, prices),
    idleCost: prices.perGpuHour === null ? null : (idleSeconds / 3600) * prices.perGpuHour,
  };
}

function costOf(
  { occupiedSeconds, energyJoules }: { occupiedSeconds: number; energyJoules: number | null },
  { perGpuHour, perKilowattHour }: WastePrices,
): number | null {
  const time = perGpuHour === null ? null : (occupiedSeconds / 3600) * perGpuHour;
  const energy =
    perKilowattHour === null || energyJoules === null
      ? null
      : (energyJoules / joulesPerKilowattHour) * perKilowattHour;
  return time === null && energy === null ? null : (time ?? 0) + (energy ?? 0);
}
