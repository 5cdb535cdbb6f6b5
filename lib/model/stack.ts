import type { HostStack, Report } from './report.ts';

/** Whether nvidia-smi answers now. While it does not, its last words are still in the report: they tell what was. */
export function smiAnswers({ sources }: Pick<Report, 'sources'>): boolean {
  return (sources.find(({ source }) => source === 'nvidia-smi-xml')?.state ?? 'ok') === 'ok';
}

/** The stack without what is not known to be so now. */
export function currentStack(report: Pick<Report, 'sources' | 'stack'>): HostStack {
  return smiAnswers(report) ? report.stack : { ...report.stack, driverVersion: null, cudaVersion: null };
}

/** The driver that counts: the loaded module's version, and what nvidia-smi says where that cannot be read. */
export const driverVersionOf = ({
  kernelDriverVersion,
  driverVersion,
}: Pick<HostStack, 'driverVersion' | 'kernelDriverVersion'>): string | null =>
  kernelDriverVersion ?? driverVersion;

/**
 * Whether the loaded module and the library that nvidia-smi uses are of one version. `same-as-told`: the library tells
 * the first parts only (`595.71` of `595.71.05`), and those agree. Null: one of them is not known.
 */
export function compareDriver({
  kernelDriverVersion: module,
  driverVersion: library,
}: Pick<HostStack, 'driverVersion' | 'kernelDriverVersion'>): 'same' | 'same-as-told' | 'different' | null {
  if (module === null || library === null) return null;
  if (module === library) return 'same';
  return module.startsWith(`${library}.`) ? 'same-as-told' : 'different';
}
