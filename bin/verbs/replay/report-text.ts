import { powerWattsOf, type Report, type ReportedGpu } from '../../../lib/model/index.ts';

const orDash = (value: string | number | null): string => (value === null ? '-' : String(value));
const gibibytes = (bytes: number | null): string => (bytes === null ? '-' : (bytes / 2 ** 30).toFixed(1));
const percent = (ratio: number | null): string => (ratio === null ? '-' : `${Math.round(ratio * 100)} %`);

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

function gpuRow(gpu: ReportedGpu): string[] {
  const { usedBytes, totalBytes } = gpu.memory;
  const watts = powerWattsOf(gpu);
  return [
    orDash(gpu.index),
    orDash(gpu.name),
    gpu.state,
    percent(gpu.utilization.gpuRatio),
    `${gibibytes(usedBytes)} / ${gibibytes(totalBytes)} GiB`,
    watts === null ? '-' : `${watts.toFixed(0)} W`,
    gpu.temperature.gpuCelsius === null ? '-' : `${gpu.temperature.gpuCelsius} °C`,
    gpu.migDevices.length === 0 ? '' : `MIG ${gpu.migDevices.map(({ profile }) => profile ?? '?').join(' ')}`,
    counted(gpu.processes.length, 'process', 'processes'),
  ];
}

/** A report for people. */
export function reportText(hostname: string, report: Report): string {
  const { stack, gpus, containers, sources, problems } = report;
  const versions = [
    `driver ${orDash(stack.kernelDriverVersion ?? stack.driverVersion)}`,
    `CUDA ${orDash(stack.cudaVersion)}`,
    `container toolkit ${orDash(stack.containerToolkitVersion)}`,
    `Docker ${orDash(stack.dockerVersion)}`,
    `kernel ${orDash(stack.kernelVersion)}`,
    orDash(stack.osName),
  ];
  const failed = sources.filter(({ state }) => state === 'failed' || state === 'hung');
  const lines = [
    `${hostname}: ${report.condition}${report.failure === null ? '' : ` (${report.failure.message})`}`,
    `  ${versions.join(', ')}`,
    ...(gpus.length === 0 ? [] : ['GPUs', ...table(gpus.map(gpuRow))]),
    ...(containers.length === 0 ? [] : ['Containers']),
    ...table(
      containers.map(({ name, image, cudaVersion, gpus: used }) => [
        orDash(name),
        orDash(image),
        `CUDA ${orDash(cudaVersion)}`,
        counted(used.length, 'GPU', 'GPUs'),
      ]),
    ),
    ...(failed.length === 0 ? [] : ['Sources that failed']),
    ...table(failed.map(({ source, failure }) => [source, failure?.message ?? ''])),
    ...(problems.length === 0 ? [] : ['Not understood']),
    ...table(problems.map(({ field, text, message }) => [field, text, message])),
  ];
  return `${lines.join('\n')}\n`;
}
