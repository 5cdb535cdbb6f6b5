import type { Failure, Problem } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { longestLine, mostGpus } from './limits.ts';
import { cutFailure, eachLine, plainText } from './plain-text.ts';
import { createProblemLog } from './problems.ts';
import { isAbsent } from './values.ts';

/** One NVLink of a GPU. */
export interface NvLink {
  readonly link: number;
  /** False: printed as inactive; null when the form does not tell. */
  readonly isActive: boolean | null;
  readonly bytesPerSecond: number | null;
  readonly replayErrors: number | null;
  readonly recoveryErrors: number | null;
  readonly crcErrors: number | null;
  /** What `nvlink -c` says it can, by its words: `P2P is supported`. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

export interface NvLinkGpu {
  readonly index: number;
  readonly name: string | null;
  readonly uuid: string | null;
  readonly links: readonly NvLink[];
  /** The sentence that stands in place of links: MIG mode, all inactive; null when links are listed. */
  readonly unavailable: string | null;
}

/** What `nvidia-smi nvlink -s`, `-e` or `-c` printed. */
export interface SmiNvlink {
  readonly gpus: readonly NvLinkGpu[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };
interface GpuDraft extends Omit<Draft<NvLinkGpu>, 'links'> {
  readonly links: Map<number, LinkDraft>;
}
type LinkDraft = Omit<Draft<NvLink>, 'capabilities'> & { readonly capabilities: Record<string, boolean> };

const mostLinks = 64;
const gpuLine = /^GPU (\d{1,4}):\s*(.{0,200}?)\s*\(UUID:\s*(GPU-[0-9A-Za-z-]{8,64})\)$/;
const linkLine = /^Link (\d{1,3})(:|,)\s*(.{1,200})$/;
const speed = /^(\d{1,5}(?:\.\d{1,6})?) ?GB\/s$/;
const errorCount = /^(Replay|Recovery|CRC) Errors: (\d{1,15}|N\/A)$/i;
const capability = /^([A-Za-z][\w .()/-]{1,80}?)\s*:\s*(true|false)$/i;
const unavailableLine =
  /^(?:NVML: )?(?:unable to retrieve nvlink|nvlinks? quer(?:y|ies) (?:is|are) not supported|.*not supported)/i;
/** Of a list that a person has shortened. */
const ellipsis = /^\[?(?:\.\.\.|…)\]?$/;

/** Whether a text begins with a GPU and goes on with its links, or with why there are none. */
export function isNvlinkText(text: string): boolean {
  let gpuSeen = false;
  for (const { text: raw } of eachLine(text.slice(0, 65_536))) {
    const line = raw.trim();
    if (line === '') continue;
    if (gpuSeen) return linkLine.test(line) || (unavailableLine.test(line) && /nvlink/i.test(line));
    if (!gpuLine.test(line)) return false;
    gpuSeen = true;
  }
  return false;
}

/** Reads what `nvidia-smi nvlink` printed of status, errors or capabilities. Never throws. */
export function parseSmiNvlink(text: string): SmiNvlink {
  const problems = createProblemLog();
  const gpus: GpuDraft[] = [];
  let failure: Failure | null = null;
  for (const { text: raw, isEnded } of eachLine(plainText(text))) {
    const line = raw.trim();
    if (line === '' || ellipsis.test(line)) continue;
    if (!isEnded) {
      failure ??= cutFailure('its last line has no end and was not read');
      break;
    }
    const gpu = line.length > longestLine ? null : gpuLine.exec(line);
    const last = gpus.at(-1);
    if (gpu !== null) {
      if (gpus.length >= mostGpus) break;
      const name = isAbsent(gpu[2] ?? '') ? null : (gpu[2] ?? null);
      gpus.push({ index: Number(gpu[1]), name, uuid: gpu[3] ?? null, links: new Map(), unavailable: null });
    } else if (last !== undefined && readLink(last, line)) continue;
    else if (last !== undefined && line.length < 300 && unavailableLine.test(line)) last.unavailable = line;
    else {
      const told = parseFailure(line, null);
      if (told === null) problems.add('nvlink:', line, 'is neither a GPU nor one of its links');
      failure ??= told;
    }
  }
  return {
    gpus: gpus.map(({ links, ...gpu }) => ({ ...gpu, links: [...links.values()] })),
    problems: problems.list,
    failure: failure ?? (gpus.length === 0 ? parseFailure(text, null) : null),
  };
}

/** False when the line is none of a link that is understood. */
function readLink(gpu: GpuDraft, line: string): boolean {
  const [, number = '', , value = ''] = linkLine.exec(line) ?? [];
  if (value === '') return false;
  const link = linkOf(gpu, Number(number));
  if (link === null) return false;
  const rate = speed.exec(value);
  const errors = errorCount.exec(value);
  const can = capability.exec(value);
  if (rate !== null) {
    link.isActive = true;
    link.bytesPerSecond = Math.round(Number(rate[1]) * 1e9);
  } else if (/^<inactive>$/i.test(value)) link.isActive = false;
  else if (errors !== null) setErrors(link, errors);
  else if (can !== null && Object.keys(link.capabilities).length < mostLinks)
    link.capabilities[can[1] ?? ''] = can[2]?.toLowerCase() === 'true';
  else return isAbsent(value);
  return true;
}

function linkOf(gpu: GpuDraft, number: number): LinkDraft | null {
  const present = gpu.links.get(number);
  if (present !== undefined) return present;
  if (gpu.links.size >= mostLinks) return null;
  const link: LinkDraft = {
    link: number,
    isActive: null,
    bytesPerSecond: null,
    replayErrors: null,
    recoveryErrors: null,
    crcErrors: null,
    capabilities: {},
  };
  gpu.links.set(number, link);
  return link;
}

function setErrors(link: LinkDraft, [, kind = '', text = '']: RegExpExecArray): void {
  const count = /^\d/.test(text) ? Number(text) : null;
  if (/^replay$/i.test(kind)) link.replayErrors = count;
  else if (/^recovery$/i.test(kind)) link.recoveryErrors = count;
  else link.crcErrors = count;
}
