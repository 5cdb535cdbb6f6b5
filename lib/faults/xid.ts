import type { FaultSeverity } from '../model/index.ts';
import { highXids } from './xid-codes-high.ts';
import { lowXids } from './xid-codes-low.ts';
import { ownAdvice, unusedXids, type XidRow, xidActions } from './xid-rows.ts';

/** What one Xid number means. Severity and advice are ours, from the actions that NVIDIA's catalogue names. */
export interface XidEntry {
  readonly xid: number;
  /** NVIDIA's name of it: `ROBUST_CHANNEL_GPU_HAS_FALLEN_OFF_THE_BUS`. */
  readonly name: string;
  /** One short phrase: `GPU has fallen off the bus`. */
  readonly meaning: string;
  readonly severity: FaultSeverity;
  /** What to do, in whole sentences. */
  readonly advice: string;
  /** Address of the page that says so. */
  readonly source: string;
}

const catalogueSource = 'https://docs.nvidia.com/deploy/xid-errors/';
/** From 173 on the catalogue is silent, and the names are those of the driver's own sources. */
const driverSource =
  'https://github.com/NVIDIA/open-gpu-kernel-modules/blob/595.45.04/src/common/sdk/nvidia/inc/nverror.h';
const lastOfCatalogue = 172;

const sourceOf = (xid: number): string => (xid <= lastOfCatalogue ? catalogueSource : driverSource);

function entryOf([xid, name, meaning, severity, immediate, then]: XidRow): XidEntry {
  const words = [xidActions[immediate], then === immediate ? '' : xidActions[then]];
  const fallback =
    "Watch whether it comes back; if it does, run nvidia-bug-report.sh and contact the GPU's vendor.";
  const advice = ownAdvice.get(xid) ?? (words.filter((each) => each !== '').join(' ') || fallback);
  return { xid, name, meaning, severity, advice, source: sourceOf(xid) };
}

function unusedEntry(xid: number): XidEntry {
  return {
    xid,
    name: 'unused',
    meaning: "NVIDIA's catalogue lists this number as unused",
    severity: 'warning',
    advice: xidActions['contact-support'],
    source: catalogueSource,
  };
}

/** Every Xid that NVIDIA has published, by its number, 1 to 176 without a gap. */
export const xidCatalogue: ReadonlyMap<number, XidEntry> = new Map(
  [...[...lowXids, ...highXids].map(entryOf), ...unusedXids.map(unusedEntry)]
    .sort((a, b) => a.xid - b.xid)
    .map((entry) => [entry.xid, entry]),
);

const nvlinkXids: ReadonlySet<number> = new Set([144, 145, 146, 147, 148, 149, 150]);

/**
 * What an Xid means, with what its message adds to it (`text` is what follows the number): NVLink errors say whether
 * they are fatal, 154 says what the driver asks for. A number that nobody has published is explained as such.
 */
export function explainXid(xid: number, text = ''): XidEntry {
  const entry = xidCatalogue.get(xid) ?? {
    ...unusedEntry(xid),
    name: 'unknown',
    meaning: "not in NVIDIA's catalogue as we know it",
  };
  if (nvlinkXids.has(xid)) {
    if (/\bNonfatal\b/.test(text)) return { ...entry, severity: 'warning' };
    if (/\bFatal\b/.test(text)) return { ...entry, severity: 'critical' };
  }
  return xid === 154 ? recoveryAction(entry, text) : entry;
}

/** `GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)` */
function recoveryAction(entry: XidEntry, text: string): XidEntry {
  const asked = /\bto 0x[0-9a-f]+ \(([^)]{1,80})\)/i.exec(text.slice(0, 500))?.[1];
  if (asked === undefined) return entry;
  const meaning = `The driver asks for: ${asked}`;
  if (/^none$/i.test(asked))
    return { ...entry, meaning: 'The driver no longer asks for anything', severity: 'info' };
  return { ...entry, meaning, severity: /reset|reboot/i.test(asked) ? 'critical' : 'warning' };
}
