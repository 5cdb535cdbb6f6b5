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
import { smiFailure } from './forms/smi-failure.ts';
import { smiList } from './forms/smi-list.ts';
import { smiQueryApps } from './forms/smi-query-apps.ts';
import { smiQueryGpu } from './forms/smi-query-gpu.ts';
import { smiVersion } from './forms/smi-version.ts';
import { smiXml } from './forms/smi-xml.ts';
import { xidLog } from './forms/xid-log.ts';

/** First match wins: a form whose mark is certain stands before one that is told by its shape. */
export const forms: readonly Form[] = [
  smiXml,
  driverVersion,
  smiVersion,
  ctkVersion,
  dockerInspect,
  dockerVersion,
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
];

/** Finds what a text is by its content and reads it. Never throws. */
export function parseText(text: string): ParsedFile {
  const form = forms.find((candidate) => candidate.matches(text));
  if (form === undefined) return emptyFile('unknown');
  return { ...emptyFile(form.kind), ...form.read(text), kind: form.kind };
}
