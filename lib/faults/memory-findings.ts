import { type ReportedGpu, retiredPagesOf } from '../model/index.ts';
import { type Finding, state } from './finding.ts';

type JudgedMemory = Pick<ReportedGpu, 'ecc' | 'remappedRows' | 'retiredPages'>;

const memorySource = 'https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/';
const pagesSource = 'https://docs.nvidia.com/deploy/dynamic-page-retirement/';
/**
 * Pages of either cause: the InfoROM holds 64. NVIDIA's DCGM fails a GPU at 63 as its field diagnostic does, and did at
 * 60 before; the lower counts. https://github.com/NVIDIA/DCGM, DCGM_LIMIT_MAX_RETIRED_PAGES
 */
const replacedAtPages = 60;
/** Retired for double-bit errors: DCGM's soft limit. https://github.com/NVIDIA/DCGM, DCGM_LIMIT_MAX_RETIRED_PAGES_SOFT_LIMIT */
const manyDoubleBitPages = 15;

/** What happened and was mended, or was long ago, is good to know and no more: a GPU with some of it is well. */
export const memoryFindings = (gpu: JudgedMemory): Finding[] =>
  remapping(gpu).concat(retirement(gpu), uncorrectable(gpu));

/** NVIDIA replaces for a failed remapping alone, and not for a count of rows. */
function remapping({ remappedRows: { pending, failure, uncorrectable: rows } }: JudgedMemory): Finding[] {
  const findings: Finding[] = [];
  if (failure === true)
    findings.push(
      state(
        'remapping-failed',
        'critical',
        ['Row remapping failed', null, 'No spare row is left: take the GPU out of use and have it replaced.'],
        memorySource,
      ),
    );
  if (pending === true)
    findings.push(
      state(
        'remapping-pending',
        'warning',
        [
          'A memory row waits to be remapped',
          null,
          'Reset the GPU when it is free: the bad row is replaced then.',
        ],
        memorySource,
      ),
    );
  if (failure !== true && (rows ?? 0) > 0)
    findings.push(
      state(
        'rows-remapped',
        'info',
        [
          `${counted(rows ?? 0, 'memory row')} remapped after uncorrectable errors`,
          null,
          'Nothing: spare rows are there for this. The GPU is to be replaced only when a remapping fails.',
        ],
        memorySource,
      ),
    );
  return findings;
}

function retirement({ retiredPages }: JudgedMemory): Finding[] {
  const pages = retiredPagesOf(retiredPages) ?? 0;
  const doubleBit = retiredPages.doubleBit ?? 0;
  const findings: Finding[] = [];
  const detail = retiredPages.doubleBit === null ? null : `${doubleBit} of them for double-bit errors`;
  const told = (count: number, words: string) => `${counted(count, 'memory page')} retired${words}`;
  if (pages >= replacedAtPages)
    findings.push(
      state(
        'pages-retired-limit',
        'critical',
        [
          told(pages, ', nearly all of the 64 that can be'),
          detail,
          'Take the GPU out of use, run the NVIDIA field diagnostic and have it replaced.',
        ],
        pagesSource,
      ),
    );
  else if (doubleBit >= manyDoubleBitPages)
    findings.push(
      state(
        'pages-retired-many',
        'warning',
        [
          told(doubleBit, ' for double-bit errors'),
          `${pages} retired in all`,
          'Watch whether more come: if one does within a week, run the NVIDIA field diagnostic and ask for a replacement.',
        ],
        pagesSource,
      ),
    );
  else if (pages > 0)
    findings.push(
      state(
        'pages-retired',
        'info',
        [
          told(pages, ''),
          detail,
          `Nothing: retired pages are used no more. Watch the count: a GPU is to be replaced at about ${replacedAtPages}.`,
        ],
        pagesSource,
      ),
    );
  if (retiredPages.pending === true)
    findings.push(
      state(
        'retirement-pending',
        'warning',
        ['Memory pages wait to be retired', null, 'Reset the GPU or restart the host when it is free.'],
        pagesSource,
      ),
    );
  return findings;
}

function uncorrectable({ ecc: { volatile, aggregate } }: JudgedMemory): Finding[] {
  const now = volatile.uncorrectable ?? 0;
  const ever = aggregate.uncorrectable ?? 0;
  if (now > 0)
    return [
      state(
        'ecc-uncorrectable',
        'warning',
        [
          'Memory errors that ECC could not correct',
          `${now} since the driver was loaded${ever > now ? `, ${ever} since the GPU was made` : ''}`,
          'What ran on the GPU when they came may have failed. Reset the GPU when it is free; replace it if they come back.',
        ],
        memorySource,
      ),
    ];
  return ever === 0
    ? []
    : [
        state(
          'ecc-uncorrectable-past',
          'info',
          [
            'Memory errors in the past that ECC could not correct',
            `${ever} since the GPU was made, none since the driver was loaded`,
            'Nothing, unless they come back: the count is kept for good, over resets and restarts.',
          ],
          memorySource,
        ),
      ];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? ' was' : 's were'}`;
