import type { Failure, Problem } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { longestLine, mostGpus } from '../limits.ts';
import { cutFailure, eachLine, plainText } from '../plain-text.ts';
import { createProblemLog, type ProblemLog } from '../problems.ts';
import type { SmiGpu } from '../types.ts';
import { type FirstColumn, isFirstRow, readGpuRows } from './cells.ts';
import { readMigRows, readProcessRow, type TableMigDevice, type TableProcess } from './lower-tables.ts';

/** What `nvidia-smi` without arguments printed: the banner with its tables. */
export interface SmiTable {
  readonly smiVersion: string | null;
  readonly driverVersion: string | null;
  /** `KMD Version`, from R610 on; null before. */
  readonly kernelDriverVersion: string | null;
  readonly cudaVersion: string | null;
  /** As printed, in the host's local time. */
  readonly timestamp: string | null;
  /** A name that the table cut ends in `...`, and `nameIsCut` is among its extra. */
  readonly gpus: readonly SmiGpu[];
  /** Lines below the tables that begin with WARNING. */
  readonly warnings: readonly string[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

type Section = 'gpus' | 'mig' | 'processes';

const mostRows = 10_000;
const mostCells = 8;
const mostWarnings = 100;
const versionRow =
  /^NVIDIA-SMI\s+(\S+)\s+(Driver|KMD) Version:\s*(\S+)(?:\s+CUDA (?:UMD )?Version:\s*(\S+))?/;
const timeLine = /^[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d{1,2} \d{1,2}:\d{2}:\d{2} \d{4}$/;
const gpuRowShape =
  /^\|\s*\d{1,4}\s[^|\n]{1,80}\|\s*[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f]\s[^|\n]{1,40}\|[^|\n]{1,60}\|\s*$/m;
/** A row that says that there is none. */
const emptyRow = /^(?:No running (?:compute )?processes found|No MIG devices found|\d{1,4}\s+Not Supported)$/;

/** Whether a text is the banner, or a piece of it. */
export function isTableText(text: string): boolean {
  const beginning = plainText(text.slice(0, 65_536));
  return (
    /^\s{0,8}\|\s*NVIDIA-SMI \S+\s+(?:Driver|KMD) Version:/m.test(beginning) || gpuRowShape.test(beginning)
  );
}

/** Reads the banner of every driver from R325 to R610; of several, the last. Never throws. */
export function parseSmiTable(text: string): SmiTable {
  const reader = new TableReader();
  for (const { text: line, isEnded } of eachLine(plainText(text))) reader.push(line, isEnded);
  return reader.end(text);
}

/** What is open while the tables are read. */
class TableReader {
  private readonly problems: ProblemLog = createProblemLog();
  private readonly gpus: SmiGpu[] = [];
  private readonly devices: TableMigDevice[] = [];
  private readonly processes: TableProcess[] = [];
  private readonly warnings: string[] = [];
  private smiVersion: string | null = null;
  private driverVersion: string | null = null;
  private kernelDriverVersion: string | null = null;
  private cudaVersion: string | null = null;
  private timestamp: string | null = null;
  private section: Section = 'gpus';
  private isHead = false;
  private column: FirstColumn = 'persistence';
  /** Rows of each GPU, from the head; null where the head is missing. */
  private rowsEach: number | null = null;
  private rows: string[][] = [];
  /** A table was begun and not closed. */
  private isOpen = false;
  private failure: Failure | null = null;

  push(raw: string, isEnded: boolean): void {
    const line = raw.length > longestLine ? '' : raw.trim();
    if (line === '') return;
    if (line.startsWith('|') && !isEnded) this.isOpen = true;
    else if (line.startsWith('|')) this.readBoxed(line);
    else if (/^\+[-=+]+$/.test(line)) this.readBorder(line, isEnded);
    else if (timeLine.test(line)) this.timestamp = line;
    else if (/^WARNING: /.test(line)) {
      if (this.warnings.length < mostWarnings) this.warnings.push(line.slice(0, 500));
    } else {
      const told = parseFailure(line, null);
      if (told === null) this.problems.add('table:', line, 'stands outside the tables');
      this.failure ??= told;
    }
  }

  end(text: string): SmiTable {
    // Where the head says how many rows a GPU has, one with fewer is not whole.
    const isCut = this.isOpen || this.rows.length > 0;
    const told = this.failure ?? (this.gpus.length === 0 ? parseFailure(text, null) : null);
    const isHeadless = this.smiVersion === null;
    const cut = isCut ? 'its last table is not closed' : isHeadless ? 'its head is missing' : null;
    return {
      smiVersion: this.smiVersion,
      driverVersion: this.driverVersion,
      kernelDriverVersion: this.kernelDriverVersion,
      cudaVersion: this.cudaVersion,
      timestamp: this.timestamp,
      gpus: this.gpus.map((gpu) => withLowerTables(gpu, this.devices, this.processes)),
      warnings: this.warnings,
      problems: this.problems.list,
      failure: told ?? (cut === null ? null : cutFailure(cut)),
    };
  }

  private readBorder(line: string, isEnded: boolean): void {
    const isWhole = line.length > 1 && line.endsWith('+') && isEnded;
    // Between the rows of a head there are such lines too.
    if (isWhole && !this.isHead) this.close();
    this.isOpen = !isWhole || this.isHead;
  }

  private readBoxed(line: string): void {
    this.isOpen = true;
    if (/^\|[=+]+\|$/.test(line)) this.isHead = false;
    if (/^\|[-=+]+\|$/.test(line) || !line.endsWith('|')) return;
    const inner = line.slice(1, -1).trim();
    const title = /^(MIG devices|(?:Compute )?Processes):/i.exec(inner)?.[1];
    if (title !== undefined) {
      this.close();
      this.section = title === 'MIG devices' ? 'mig' : 'processes';
      this.isHead = true;
    } else if (versionRow.test(inner)) this.begin(inner);
    else if (this.isHead) this.readHead(inner);
    else if (/^GPU\s+Name\s|^Fan\s+Temp\s|MIG M\.$/.test(inner)) {
      // The text begins in the middle of its head.
      this.isHead = true;
      this.section = 'gpus';
      this.readHead(inner);
    } else this.readRow(inner);
  }

  /** `-l 5` prints banner after banner: the newest counts. */
  private begin(inner: string): void {
    const [, smi = null, kind, driver, cuda] = versionRow.exec(inner) ?? [];
    for (const list of [this.gpus, this.devices, this.processes, this.rows]) list.length = 0;
    this.smiVersion = smi;
    this.driverVersion = versionOf(driver);
    this.kernelDriverVersion = kind === 'KMD' ? versionOf(driver) : null;
    this.cudaVersion = versionOf(cuda);
    this.section = 'gpus';
    this.isHead = true;
    this.rowsEach = null;
  }

  private readHead(inner: string): void {
    if (this.section !== 'gpus') return;
    if (/TCC\/WDDM|Driver-Model/.test(inner)) this.column = 'driver-model';
    if (/^GPU\s+Name/.test(inner)) this.rowsEach = 2;
    if (/MIG M\./.test(inner)) this.rowsEach = 3;
  }

  private readRow(inner: string): void {
    if (emptyRow.test(inner)) return;
    if (this.section === 'processes') {
      const process = readProcessRow(inner, this.problems);
      if (process === null) this.problems.add('table:/process', inner, 'is no row of a process');
      else if (this.processes.length < mostRows) this.processes.push(process);
      return;
    }
    const cells = inner.split('|', mostCells).map((cell) => cell.trim());
    if (this.section === 'gpus' && isFirstRow(cells) && this.rows.length >= 2) this.close();
    this.rows.push(cells);
    if (this.rows.length === (this.section === 'mig' ? 2 : (this.rowsEach ?? 3))) this.close();
  }

  private close(): void {
    const [first = [], second = []] = this.rows;
    if (this.section === 'mig') {
      const device = readMigRows(first, second, this.problems);
      if (device !== null && this.devices.length < mostRows) this.devices.push(device);
    } else if (this.rows.length >= 2 && isFirstRow(first)) {
      if (this.gpus.length < mostGpus) this.gpus.push(readGpuRows(this.rows, this.column, this.problems));
    } else if (this.rows.length > 0) {
      const text = this.rows.map((row) => row.join(' | ')).join(' / ');
      this.problems.add('table:', text, 'are no rows of a GPU');
    }
    this.rows = [];
  }
}

function versionOf(text: string | undefined): string | null {
  return text !== undefined && /^\d[\d.]{0,30}$/.test(text) ? text : null;
}

function withLowerTables(
  read: SmiGpu,
  devices: readonly TableMigDevice[],
  processes: readonly TableProcess[],
): SmiGpu {
  const own = devices.filter(({ gpuIndex }) => gpuIndex === read.gpu.index);
  const running = processes.filter(({ gpuIndex }) => gpuIndex === read.gpu.index);
  if (own.length + running.length === 0 || read.state !== 'ok') return read;
  return {
    ...read,
    gpu: {
      ...read.gpu,
      migDevices: own.map(({ device }) => device),
      processes: running.map(({ gpuIndex: _, ...process }) => process),
    },
    extra: Object.assign({ ...read.extra }, ...own.map(({ extra }) => extra)),
  };
}
