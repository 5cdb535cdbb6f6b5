import type { GpuScene } from '../scene.ts';
import type { PlayedProcess } from '../template.ts';
import type { CsvFormat } from './query-gpu.ts';

interface AppField {
  readonly header: string;
  readonly unit: string | null;
  read(gpu: GpuScene, process: PlayedProcess): string;
}

const fromGpu = (header: string, path: string): AppField => ({
  header,
  unit: null,
  read: (gpu) => {
    const text = gpu.text(path);
    return text === null || text === 'N/A' ? '[N/A]' : text;
  },
});

const usedMemory: AppField = {
  header: 'used_gpu_memory [MiB]',
  unit: 'MiB',
  read: (_gpu, process) => (process.usedMemoryMiB === null ? '[N/A]' : `${process.usedMemoryMiB} MiB`),
};
const processName: AppField = { header: 'process_name', unit: null, read: (_gpu, process) => process.name };

const appFields: Readonly<Record<string, AppField>> = {
  timestamp: { header: 'timestamp', unit: null, read: (gpu) => gpu.scene.csvTimestamp },
  gpu_name: fromGpu('gpu_name', 'product_name'),
  gpu_bus_id: fromGpu('gpu_bus_id', 'pci/pci_bus_id'),
  gpu_serial: fromGpu('gpu_serial', 'serial'),
  gpu_uuid: fromGpu('gpu_uuid', 'uuid'),
  pid: { header: 'pid', unit: null, read: (_gpu, process) => String(process.pid) },
  process_name: processName,
  name: processName,
  used_gpu_memory: usedMemory,
  used_memory: usedMemory,
};

/** The first of the names that `--query-compute-apps` does not know, or null. */
export const unknownAppField = (names: readonly string[]): string | null =>
  names.find((name) => appFields[name] === undefined) ?? null;

/** `--query-compute-apps=…`: a line a compute process and GPU. */
export function computeAppsText(
  gpus: readonly GpuScene[],
  names: readonly string[],
  format: CsvFormat,
): string {
  const fields = names.map((name) => appFields[name]).filter((entry) => entry !== undefined);
  const header = format.header ? `${fields.map((entry) => entry.header).join(', ')}\n` : '';
  const rows = gpus.flatMap((gpu) =>
    gpu.processes
      .filter((process) => process.type.includes('C'))
      .map((process) => {
        const cells = fields.map((entry) => {
          const text = entry.read(gpu, process);
          return entry.unit !== null && !format.units ? text.replace(` ${entry.unit}`, '') : text;
        });
        return `${cells.join(', ')}\n`;
      }),
  );
  return header + rows.join('');
}

const column = (text: string): string => text.padStart(7);
const percent = (value: number | null): string => (value === null ? '-' : String(Math.round(value)));
const baseName = (path: string): string => path.split(' ')[0]?.split('/').at(-1) ?? path;

export const pmonHeader =
  '# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command \n' +
  '# Idx           #    C/G      %      %      %      %      %      %    name \n';

function pmonLine(gpu: GpuScene, process: PlayedProcess | null): string {
  const share = process?.smPercent ?? null;
  const memory = process?.memPercent === undefined ? (share ?? 0) * 0.4 : process.memPercent;
  const cells = [
    percent(share),
    percent(share === null && process?.memPercent === undefined ? null : memory),
    percent(process?.encPercent ?? null),
    percent(process?.decPercent ?? null),
    '-',
    '-',
  ];
  const head = `${String(gpu.index).padStart(5)} ${String(process?.pid ?? '-').padStart(10)}${(process?.type ?? '-').padStart(6)}`;
  const name = process === null ? '-' : baseName(process.name);
  return `${head}${cells.map(column).join('')}    ${name.slice(0, 14).padEnd(15)}\n`;
}

/** The lines of one sample of `pmon`; a GPU without processes has a line of dashes. */
export const pmonRows = (gpus: readonly GpuScene[]): string =>
  gpus
    .flatMap((gpu) =>
      gpu.processes.length === 0
        ? [pmonLine(gpu, null)]
        : gpu.processes.map((process) => pmonLine(gpu, process)),
    )
    .join('');
