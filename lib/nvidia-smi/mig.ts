import type { Failure, Problem } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { longestLine } from './limits.ts';
import { cutFailure, eachLine, plainText } from './plain-text.ts';
import { createProblemLog } from './problems.ts';

export interface MigPlacement {
  readonly start: number;
  readonly size: number;
}

/** A row of `mig -lgi`, or of `-lci` where `computeInstanceId` is told. */
export interface MigInstance {
  readonly gpuIndex: number;
  /** `1g.10gb`, `1c.3g.40gb`. */
  readonly profile: string;
  readonly profileId: number;
  readonly gpuInstanceId: number;
  readonly computeInstanceId: number | null;
  readonly placement: MigPlacement | null;
}

/** A row of `mig -lgip`, or of `-lcip` where `gpuInstanceId` is told. */
export interface MigProfile {
  readonly gpuIndex: number;
  readonly profile: string;
  readonly profileId: number;
  readonly gpuInstanceId: number | null;
  readonly freeInstances: number;
  readonly totalInstances: number;
  /** Null in `-lcip`, which prints none. */
  readonly memoryBytes: number | null;
  readonly multiprocessors: number | null;
}

/** A line of `mig -lgipp`: where an instance of a profile can lie. */
export interface MigPlacements {
  readonly gpuIndex: number;
  readonly profileId: number;
  /** First memory slices that it can begin at; empty: it fits nowhere. */
  readonly starts: readonly number[];
  readonly size: number;
}

/** What `nvidia-smi mig -lgi`, `-lci`, `-lgip`, `-lcip` or `-lgipp` printed. */
export interface SmiMig {
  readonly instances: readonly MigInstance[];
  readonly profiles: readonly MigProfile[];
  readonly placements: readonly MigPlacements[];
  /** The sentence in place of a table: none found, no GPU in MIG mode; null when there is a table. */
  readonly message: string | null;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

const titles = [
  'gpu instances',
  'gpu instance profiles',
  'compute instances',
  'compute instance profiles',
] as const;
type Title = (typeof titles)[number];

const mostRows = 10_000;
const emptyLine =
  /^no (?:(?:gpu|compute) instances|mig-enabled devices|mig devices|supported (?:gpu|compute) instance)[^\n]{0,80}/i;
const placementsLine =
  /^GPU\s{1,4}(\d{1,4})\s{1,4}Profile ID\s{1,4}(\d{1,5})\s{1,4}Placements?\s{0,4}:\s{0,4}\{([\d,\s]{0,200})\}:(\d{1,3})$/i;
const titleLine = /^\|\s*((?:GPU|Compute) instance(?:s| profiles)):\s*\|$/i;
const placementText = /^\{?([\d,]{1,60})\}?:(\d{1,3})$/;
const name = 'MIG (\\d+[cg]\\.\\S{1,40})';
const forms: Readonly<Record<Title, RegExp>> = {
  'gpu instances': new RegExp(`^(\\d{1,4})\\s+${name}\\s+(\\d{1,5})\\*?\\s+(\\d{1,5})\\s+(\\S{1,60})$`),
  'compute instances': new RegExp(
    `^(\\d{1,4})\\s+(\\d{1,5})\\s+${name}\\s+(\\d{1,5})\\*?\\s+(\\d{1,5})(?:\\s+(\\S{1,60}))?$`,
  ),
  'gpu instance profiles': new RegExp(
    `^(\\d{1,4})\\s+${name}\\s+(\\d{1,5})\\*?\\s+(\\d{1,4})/(\\d{1,4})\\s+(\\d{1,6}(?:\\.\\d{1,4})?)\\s+(?:Yes|No)\\s+(\\d{1,5})\\b`,
  ),
  'compute instance profiles': new RegExp(
    `^(\\d{1,4})\\s+(\\d{1,5})\\s+${name}\\s+(\\d{1,5})\\*?\\s+(\\d{1,4})/(\\d{1,4})\\s+(\\d{1,5})\\b`,
  ),
};

/** Whether a text begins with such a table, or with the sentence that stands in its place. */
export function isMigText(text: string): boolean {
  let count = 0;
  for (const { text: line } of eachLine(plainText(text.slice(0, 16_384)))) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    if (titleLine.test(trimmed) || emptyLine.test(trimmed) || placementsLine.test(trimmed)) return true;
    count += 1;
    if (count > 3) return false;
  }
  return false;
}

/** Reads the tables of `nvidia-smi mig`. Never throws. */
export function parseSmiMig(text: string): SmiMig {
  const problems = createProblemLog();
  const instances: MigInstance[] = [];
  const profiles: MigProfile[] = [];
  const placements: MigPlacements[] = [];
  let title: Title | null = null;
  let isHead = true;
  let isOpen = false;
  let message: string | null = null;
  let failure: Failure | null = null;
  for (const { text: raw, isEnded } of eachLine(plainText(text))) {
    const line = raw.length > longestLine ? '' : raw.trim();
    if (line === '' || instances.length + profiles.length + placements.length >= mostRows) continue;
    const told = titleLine.exec(line)?.[1]?.toLowerCase();
    const named = titles.find((each) => each === told);
    if (named !== undefined) {
      title = named;
      isHead = true;
      isOpen = true;
    } else if (/^\|=+\|$/.test(line)) isHead = false;
    else if (/^\+-+\+$/.test(line)) isOpen = isHead && title !== null;
    else if (line.startsWith('+')) isOpen = true;
    else if (line.startsWith('|')) {
      isOpen = true;
      if (isHead || title === null || !line.endsWith('|')) continue;
      const row = line.slice(1, -1).trim();
      if (!readRow(title, row, { instances, profiles }) && !isContinuation(row))
        problems.add(`mig:${title}`, row, 'is a row that is not understood');
    } else if (/^GPU\s+\d+ Profile ID/i.test(line) && !isEnded)
      failure ??= cutFailure('its last line has no end and was not read');
    else if (placementsLine.test(line)) placements.push(placementsOf(line));
    else if (emptyLine.test(line)) message ??= line.slice(0, 200);
    else {
      const failed = parseFailure(line, null);
      if (failed === null && isEnded) problems.add('mig:', line, 'is no row of a table');
      failure ??= failed;
    }
  }
  failure ??= isOpen ? cutFailure('the table is not closed') : null;
  return { instances, profiles, placements, message, problems: problems.list, failure };
}

/** The second line of a profile: copy engines, JPEG and OFA units; or the sentence of an empty table. */
const isContinuation = (row: string): boolean => /^(?:\d{1,5}\s*){0,8}$/.test(row) || emptyLine.test(row);

function readRow(
  title: Title,
  row: string,
  { instances, profiles }: { instances: MigInstance[]; profiles: MigProfile[] },
): boolean {
  const match = forms[title].exec(row);
  if (match === null) return false;
  const [, first = '', ...rest] = match;
  const gpuIndex = Number(first);
  if (title === 'gpu instances') {
    const [profile = '', profileId, gpuInstanceId, placement = ''] = rest;
    instances.push({
      gpuIndex,
      profile,
      profileId: Number(profileId),
      gpuInstanceId: Number(gpuInstanceId),
      computeInstanceId: null,
      placement: placementOf(placement),
    });
  } else if (title === 'compute instances') {
    const [gpuInstanceId, profile = '', profileId, computeInstanceId, placement = ''] = rest;
    instances.push({
      gpuIndex,
      profile,
      profileId: Number(profileId),
      gpuInstanceId: Number(gpuInstanceId),
      computeInstanceId: Number(computeInstanceId),
      placement: placementOf(placement),
    });
  } else profiles.push(profileOf(title, gpuIndex, rest));
  return true;
}

function profileOf(title: Title, gpuIndex: number, cells: readonly (string | undefined)[]): MigProfile {
  const isOfGpu = title === 'gpu instance profiles';
  const [gpuInstanceId, [profile = '', profileId, free, total, ...more]] = isOfGpu
    ? [null, cells]
    : [Number(cells[0]), cells.slice(1)];
  const [memoryGibibytes, multiprocessors] = isOfGpu ? more : [undefined, more[0]];
  return {
    gpuIndex,
    profile,
    profileId: Number(profileId),
    gpuInstanceId,
    freeInstances: Number(free),
    totalInstances: Number(total),
    memoryBytes: memoryGibibytes === undefined ? null : Math.round(Number(memoryGibibytes) * 1024 ** 3),
    multiprocessors: multiprocessors === undefined ? null : Number(multiprocessors),
  };
}

function placementsOf(line: string): MigPlacements {
  const [, gpuIndex, profileId, starts = '', size] = placementsLine.exec(line) ?? [];
  const told = starts.split(',').filter((start) => start.trim() !== '');
  return {
    gpuIndex: Number(gpuIndex),
    profileId: Number(profileId),
    starts: told.map(Number),
    size: Number(size),
  };
}

function placementOf(text: string): MigPlacement | null {
  const [, start, size] = placementText.exec(text) ?? [];
  if (start === undefined || size === undefined || !/^\d+$/.test(start)) return null;
  return { start: Number(start), size: Number(size) };
}
