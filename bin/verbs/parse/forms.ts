import { plainText } from '../../../lib/nvidia-smi/index.ts';
import { emptyFile, type Form, type ParsedFile } from './form.ts';
import { cdiSpec } from './forms/cdi-spec.ts';
import { cgroup } from './forms/cgroup.ts';
import { containerCli } from './forms/container-cli.ts';
import { ctkVersion } from './forms/ctk-version.ts';
import { dockerDaemonConfig } from './forms/docker-daemon-config.ts';
import { dockerInfo } from './forms/docker-info.ts';
import { dockerInspect } from './forms/docker-inspect.ts';
import { dockerVersion } from './forms/docker-version.ts';
import { driverVersion } from './forms/driver-version.ts';
import { mountinfo } from './forms/mountinfo.ts';
import { ps } from './forms/ps.ts';
import { smiDmon } from './forms/smi-dmon.ts';
import { smiFailure } from './forms/smi-failure.ts';
import { smiHelp } from './forms/smi-help.ts';
import { smiList } from './forms/smi-list.ts';
import { smiMig } from './forms/smi-mig.ts';
import { smiNvlink } from './forms/smi-nvlink.ts';
import { smiPmon } from './forms/smi-pmon.ts';
import { smiQueryApps } from './forms/smi-query-apps.ts';
import { smiQueryGpu } from './forms/smi-query-gpu.ts';
import { smiTable } from './forms/smi-table.ts';
import { smiText } from './forms/smi-text.ts';
import { smiTopo } from './forms/smi-topo.ts';
import { smiVersion } from './forms/smi-version.ts';
import { smiVgpu } from './forms/smi-vgpu.ts';
import { smiXml } from './forms/smi-xml.ts';
import { tegrastats } from './forms/tegrastats.ts';
import { xidLog } from './forms/xid-log.ts';
import { splitSideLines } from './side-lines.ts';

/** First match wins: a form whose mark is certain stands before one that is told by its shape. */
export const forms: readonly Form[] = [
  smiXml,
  driverVersion,
  smiVersion,
  ctkVersion,
  dockerInspect,
  dockerVersion,
  smiHelp,
  smiVgpu,
  smiTable,
  smiMig,
  smiNvlink,
  smiPmon,
  smiDmon,
  smiTopo,
  tegrastats,
  cdiSpec,
  dockerInfo,
  dockerDaemonConfig,
  containerCli,
  mountinfo,
  xidLog,
  smiList,
  cgroup,
  ps,
  smiQueryApps,
  smiFailure,
  smiQueryGpu,
  smiText,
];

/** These have a place of their own for what stands around them. */
const whole: ReadonlySet<Form | undefined> = new Set([smiXml, smiTable]);

/** Finds what a text is by its content and reads it. Never throws. */
export function parseText(raw: string): ParsedFile {
  const text = plainText(raw);
  const form = formOf(text);
  return (whole.has(form) ? null : withoutSideLines(text)) ?? readAs(form, text);
}

const formOf = (text: string): Form | undefined => forms.find((candidate) => candidate.matches(text));

function readAs(form: Form | undefined, text: string): ParsedFile {
  if (form === undefined) return emptyFile('unknown');
  return { ...emptyFile(form.kind), ...form.read(text), kind: form.kind };
}

/**
 * One GPU that fails, a warning or a shell's prompt is no reason to read nothing of the others. Null: there is none,
 * or the text is another program's.
 */
function withoutSideLines(text: string): ParsedFile | null {
  const side = splitSideLines(text);
  if (side === null || side.rest.trim() === '') return null;
  const form = formOf(side.rest);
  if (!form?.kind.startsWith('smi-')) return null;
  const parsed = readAs(form, side.rest);
  return {
    ...parsed,
    failure: parsed.failure ?? side.failure,
    problems: [...parsed.problems, ...side.problems],
  };
}
