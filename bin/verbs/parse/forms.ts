import { emptyFile, type Form, type ParsedFile } from './form.ts';
import { cgroup } from './forms/cgroup.ts';
import { ctkVersion } from './forms/ctk-version.ts';
import { dockerInspect } from './forms/docker-inspect.ts';
import { dockerVersion } from './forms/docker-version.ts';
import { driverVersion } from './forms/driver-version.ts';
import { smiFailure } from './forms/smi-failure.ts';
import { smiList } from './forms/smi-list.ts';
import { smiQueryApps } from './forms/smi-query-apps.ts';
import { smiQueryGpu } from './forms/smi-query-gpu.ts';
import { smiVersion } from './forms/smi-version.ts';
import { smiXml } from './forms/smi-xml.ts';

/** First match wins: a form whose mark is certain stands before one that is told by its shape. */
export const forms: readonly Form[] = [
  smiXml,
  driverVersion,
  smiVersion,
  ctkVersion,
  dockerInspect,
  dockerVersion,
  smiList,
  cgroup,
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
