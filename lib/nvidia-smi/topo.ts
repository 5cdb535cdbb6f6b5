import type { Failure, Problem } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { longestLine } from './limits.ts';
import { cutFailure, eachLine, plainText } from './plain-text.ts';
import { createProblemLog, type ProblemLog } from './problems.ts';
import { isAbsent } from './values.ts';

/** A GPU or network card of the matrix. */
export interface TopoDevice {
  /** `GPU0`, `NIC1`, `mlx5_0`. */
  readonly name: string;
  /** Of a GPU; null for others. */
  readonly gpuIndex: number | null;
  /** Processor numbers: `0-55,112-167`. */
  readonly cpuAffinity: string | null;
  /** Numbers of NUMA nodes: `0`, `0-1`. */
  readonly numaAffinity: string | null;
  readonly gpuNumaId: string | null;
}

/** One cell of the matrix; each pair stands there in both directions. */
export interface TopoLink {
  readonly from: string;
  readonly to: string;
  /** `NV18`, `PIX`, `PXB`, `PHB`, `NODE`, `SYS`. */
  readonly link: string;
  /** How many NVLinks are bonded: 18 of `NV18`; null for PCIe. */
  readonly nvlinks: number | null;
}

/** What `nvidia-smi topo -m` printed. */
export interface SmiTopo {
  readonly devices: readonly TopoDevice[];
  readonly links: readonly TopoLink[];
  /** What the short names mean, as printed. */
  readonly legend: Readonly<Record<string, string>>;
  /** Names of network cards by their place: `NIC0` is `mlx5_0`. */
  readonly nics: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

const mostDevices = 128;
/** A matrix of them with its legends has a few hundred. */
const mostTopoLines = 4096;
const deviceName = /^(?:GPU\d{1,3}|NIC\d{1,3}|[a-z][a-z0-9]{0,15}_\w{1,24})$/i;
const linkName = /^(?:X|SYS|NODE|SOC|PHB|PXB|PIX|PSB|NV\d{1,3}|N\/A)$/;
/** A link that a later driver may have: told as a problem, and no reason to leave out the device. */
const linkForm = /^[A-Z][\w*+/-]{0,31}$/i;
const headNames = ['CPU Affinity', 'NUMA Affinity', 'GPU NUMA ID'] as const;
const processors = /^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/;
const legendLine = /^\s{0,8}([A-Z][A-Z#]{0,4})\s+=\s+(\S.{0,300})$/;
const nicLine = /^\s{0,8}(NIC\d{1,3}):\s+([\w.:-]{1,60})\s*$/;

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly rest: readonly string[];
}

/** Whether a text begins with the head or a row of the matrix. */
export function isTopoText(text: string): boolean {
  const [first = '', second = ''] = significant(plainText(text.slice(0, 65_536)));
  if (headOf(first) !== null) return rowOf(second, null) !== null || second === '';
  return (rowOf(first, null)?.cells.includes('X') ?? false) && /\s/.test(first);
}

function significant(text: string): string[] {
  const lines: string[] = [];
  for (const { text: line } of eachLine(text)) {
    if (line.trim() !== '') lines.push(line);
    if (lines.length === 2) break;
  }
  return lines;
}

/** The devices of a head line; null when it is none. */
function headOf(line: string): { devices: readonly string[]; columns: readonly string[] } | null {
  const at = headNames.map((name) => line.indexOf(name)).filter((position) => position > 0);
  const devices = line
    .slice(0, at.length === 0 ? undefined : Math.min(...at))
    .trim()
    .split(/\s+/);
  if (!devices.every((name) => deviceName.test(name))) return null;
  if (at.length === 0 && devices.length < 2) return null;
  if (linkName.test(devices[1] ?? '')) return null;
  return { devices, columns: headNames.filter((name) => line.includes(name)) };
}

/** One row of the matrix; null when it is none, or cut before its last cell. `count`: of the head, if there was one. */
function rowOf(line: string, count: number | null): Row | null {
  const [name = '', ...words] = line.trim().split(/\s+/);
  if (!deviceName.test(name)) return null;
  const end = words.findIndex((word) => !linkName.test(word));
  const told = count ?? (end < 0 ? words.length : end);
  const cells = words.slice(0, told);
  // Without a head only known links tell where the matrix ends.
  const isLink = (cell: string): boolean =>
    linkName.test(cell) || (count !== null && linkForm.test(cell) && !deviceName.test(cell));
  const isWhole = cells.length === told && cells.length > 0 && cells.every(isLink);
  return isWhole ? { name, cells, rest: words.slice(told) } : null;
}

/** Reads what `nvidia-smi topo -m` printed. Never throws. */
export function parseSmiTopo(text: string): SmiTopo {
  const problems = createProblemLog();
  const rows: Row[] = [];
  const legend: Record<string, string> = {};
  const nics: Record<string, string> = {};
  let head: ReturnType<typeof headOf> = null;
  let failure: Failure | null = null;
  for (const { text: line, isEnded } of eachLine(plainText(text), mostTopoLines)) {
    if (line.trim() === '' || /^\s*(?:NIC )?Legend:/i.test(line)) continue;
    if (!isEnded) {
      failure ??= cutFailure('its last line has no end and was not read');
      break;
    }
    if (line.length > longestLine) {
      problems.add('topo:', line, `is a line of more than ${longestLine} characters`);
      continue;
    }
    head ??= rows.length === 0 ? headOf(line) : null;
    // It begins with a device too, as a row does.
    if (head !== null && headOf(line) !== null) continue;
    const count = head?.devices.length ?? rows[0]?.cells.length ?? null;
    const row = rows.length < mostDevices ? rowOf(line, count) : null;
    const [, word, meaning] = legendLine.exec(line) ?? [];
    const [, nic, named] = nicLine.exec(line) ?? [];
    if (row !== null) rows.push(row);
    else if (word !== undefined && meaning !== undefined) legend[word] = meaning.trim();
    else if (nic !== undefined && named !== undefined) nics[nic] = named;
    else if (deviceName.test(line.trim().split(/\s+/)[0] ?? ''))
      failure ??= cutFailure('a row of the matrix is not whole');
    else {
      const told = parseFailure(line, null);
      if (told === null) problems.add('topo:', line, 'is no row of the matrix');
      failure ??= told;
    }
  }
  const names = head?.devices ?? namesFrom(rows);
  return {
    devices: rows.map((row) => deviceOf(row, head?.columns ?? headNames, problems.add)),
    links: rows.flatMap((row) => linksOf(row, names, problems.add)),
    legend,
    nics,
    problems: problems.list,
    failure,
  };
}

/** Without a head, a column is named by the row whose `X` stands in it. */
function namesFrom(rows: readonly Row[]): string[] {
  const names: string[] = [];
  for (const { name, cells } of rows) names[cells.indexOf('X')] = name;
  return names;
}

function linksOf(
  { name, cells }: Row,
  names: readonly (string | undefined)[],
  complain: ProblemLog['add'],
): TopoLink[] {
  return cells.flatMap((link, at) => {
    const to = names[at];
    if (to === undefined || link === 'X' || link === 'N/A') return [];
    if (!linkName.test(link)) {
      complain(`topo:${name}`, link, `is no kind of link that is known, to ${to}`);
      return [];
    }
    return [{ from: name, to, link, nvlinks: link.startsWith('NV') ? Number(link.slice(2)) : null }];
  });
}

function deviceOf({ name, rest }: Row, columns: readonly string[], complain: ProblemLog['add']): TopoDevice {
  const told = new Map<string, string>();
  columns.forEach((column, at) => {
    const word = rest[at];
    if (word === undefined || isAbsent(word)) return;
    if (processors.test(word)) told.set(column, word);
    else complain(`topo:${column}`, word, 'is no list of numbers');
  });
  const gpu = /^GPU(\d{1,3})$/i.exec(name);
  return {
    name,
    gpuIndex: gpu === null ? null : Number(gpu[1]),
    cpuAffinity: told.get('CPU Affinity') ?? null,
    numaAffinity: told.get('NUMA Affinity') ?? null,
    gpuNumaId: told.get('GPU NUMA ID') ?? null,
  };
}
