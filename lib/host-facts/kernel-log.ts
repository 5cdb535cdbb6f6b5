import { xidForm } from '../model/index.ts';
import { type KernelLine, readKernelLine } from './kernel-line.ts';
import { pciBusIdOf } from './pci-bus-id.ts';

interface Told {
  /** ISO 8601 where the line tells it. */
  readonly at: string | null;
  /** Since boot, where the line tells it. */
  readonly bootSeconds: number | null;
  /** Without time and host, at most 500 characters. */
  readonly message: string;
}

/** `NVRM: Xid (PCI:0000:3b:00): 79, pid=1, name=x, GPU has fallen off the bus.` */
export interface XidEvent extends Told {
  readonly kind: 'xid';
  readonly xid: number;
  /** As nvidia-smi prints it: `00000000:3B:00.0`. */
  readonly pciBusId: string;
  readonly pid: number | null;
  readonly processName: string | null;
  /** What follows the number, process left out. */
  readonly text: string;
  /** How often, where syslog tells of repeats in one line; else 1. */
  readonly times: number;
}

/** An error of an NVSwitch: `nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 …`. */
export interface SwitchErrorEvent extends Told {
  readonly kind: 'switch-error';
  readonly sxid: number;
  readonly pciBusId: string;
  readonly fatal: boolean | null;
  readonly text: string;
}

/** A GPU that fell off the bus or could not be brought up, told without an Xid. */
export interface GpuTroubleEvent extends Told {
  readonly kind: 'gpu-lost' | 'gpu-init-failed';
  readonly pciBusId: string;
}

/** `NVRM: GPU at PCI:0000:3b:00: GPU-<uuid>`, before a GPU's first Xid. */
export interface GpuNameEvent extends Told {
  readonly kind: 'gpu-name';
  readonly pciBusId: string;
  readonly uuid: string;
}

/** The driver says that it may not or cannot start: `nouveau`, another version, no device. */
export interface DriverTroubleEvent extends Told {
  readonly kind: 'driver-trouble';
}

/** A line that names an Xid and cannot be read: a form that no driver up to R610 has. */
export interface UnreadEvent extends Told {
  readonly kind: 'unread';
}

export type KernelEvent =
  | XidEvent
  | UnreadEvent
  | SwitchErrorEvent
  | GpuTroubleEvent
  | GpuNameEvent
  | DriverTroubleEvent;

/** Reads the kernel's log line by line: some messages go over three lines. */
export interface KernelLogReader {
  /** What the line tells of a GPU; null when it tells nothing. */
  push(line: string): KernelEvent | null;
}

const longestMessage = 500;
const address = '(?:PCI:)?([0-9a-fA-F:.]{7,20})';
const xidLine = new RegExp(`^NVRM: ${xidForm}(?:,? ?(.*))?$`);
const switchForm = new RegExp(`^nvidia-nvswitch\\d{0,4}: SXid \\(${address}\\): (\\d{1,9})(?:, (.*))?$`);
const nameForm = new RegExp(`^NVRM: GPU at ${address}: (GPU-[0-9a-f-]{36})`);
const lostForm = new RegExp(`^NVRM: GPU ${address}: GPU has fallen off the bus`);
const initForm = new RegExp(`^NVRM: GPU ${address}: RmInitAdapter failed!`);
const longLostForm = new RegExp(`^NVRM: The NVIDIA GPU ${address}`);
const driverForm =
  /^NVRM: (?:API mismatch|No NVIDIA GPU found|None of the NVIDIA devices were (?:probed|initialized)|The NVIDIA probe routine|loading NVIDIA UNIX.*failed|This can occur when another driver|request_mem_region failed)/;
/** `0003:00` of drivers before R256: bus and device, and no domain. */
const oldAddress = /^00([0-9a-f]{2}:[0-9a-f]{2})$/i;
const saysXid = /(?:NVRM: Xid|nvidia-nvswitch\d{0,4}: SXid) ?\(/;
const repeated = /^message repeated (\d{1,6}) times: \[(.*)\]$/;
/** A message of `journalctl -o json` that is no text comes as its bytes. */
const bytes = /"MESSAGE" ?: ?\[/;
const fellOff = /fallen off the bus/;
const processForm = /^pid=('?<unknown>'?|\d{1,10})(?:, name=(<unknown>|[^,]{0,255}))?(?:, |$)/;

export function createKernelLogReader(): KernelLogReader {
  /** The GPU of a message that goes on, and how many lines it may still go on. */
  let begun: { readonly pciBusId: string; readonly line: KernelLine; lines: number } | null = null;
  return {
    push(text) {
      if (!text.includes('NVRM:') && !text.includes('SXid') && !bytes.test(text)) return null;
      const { line, times } = unrepeated(readKernelLine(text));
      const { message } = line;
      const long = begunBy(line);
      if (long !== null) {
        begun = fellOff.test(message) ? null : { pciBusId: long, line, lines: 2 };
        return fellOff.test(message) ? { ...told(line), kind: 'gpu-lost', pciBusId: long } : null;
      }
      if (begun !== null) {
        const { pciBusId, line: first } = begun;
        begun.lines -= 1;
        if (begun.lines === 0 || fellOff.test(message)) begun = null;
        if (fellOff.test(message) && message.startsWith('NVRM: ') && !lostForm.test(message)) {
          const whole = `${first.message} ${message.slice('NVRM: '.length)}`;
          return { ...told({ ...first, message: whole }), kind: 'gpu-lost', pciBusId };
        }
      }
      const event = eventOf(line);
      return event?.kind === 'xid' ? { ...event, times } : event;
    },
  };
}

/** `message repeated 3 times: [ NVRM: … ]`, as rsyslog writes what comes again and again. */
function unrepeated(line: KernelLine): { readonly line: KernelLine; readonly times: number } {
  const [, count, message = ''] = repeated.exec(line.message) ?? [];
  if (count === undefined) return { line, times: 1 };
  return { line: { ...line, message: message.trim() }, times: Number(count) };
}

function begunBy(line: KernelLine): string | null {
  const found = longLostForm.exec(line.message)?.[1];
  return found === undefined ? null : pciBusIdOf(found);
}

const told = ({ at, bootSeconds, message }: KernelLine): Told => ({
  at,
  bootSeconds,
  message: message.slice(0, longestMessage),
});

function eventOf(line: KernelLine): KernelEvent | null {
  const { message } = line;
  const xid = xidLine.exec(message);
  const found = xid === null ? null : xidOf(line, xid);
  if (found !== null) return found;
  const error = switchForm.exec(message);
  const ofSwitch = error === null ? null : switchErrorOf(line, error);
  if (ofSwitch !== null) return ofSwitch;
  const name = nameForm.exec(message);
  const named = pciBusIdOf(name?.[1] ?? '');
  if (name !== null && named !== null)
    return { ...told(line), kind: 'gpu-name', pciBusId: named, uuid: name[2] ?? '' };
  for (const [form, kind] of [
    [lostForm, 'gpu-lost'],
    [initForm, 'gpu-init-failed'],
  ] as const) {
    const pciBusId = pciBusIdOf(form.exec(message)?.[1] ?? '');
    if (pciBusId !== null) return { ...told(line), kind, pciBusId };
  }
  if (saysXid.test(message) && !isOfOthers(message)) return { ...told(line), kind: 'unread' };
  return driverForm.test(message) ? { ...told(line), kind: 'driver-trouble' } : null;
}

/** Another program's message that quotes the kernel's: what stands before the quotation says whose it is. */
function isOfOthers(message: string): boolean {
  const before = message.slice(0, saysXid.exec(message)?.index ?? 0);
  return !before.endsWith('kernel: ') && /:\s|=|["'`(]/.test(before);
}

function xidOf(line: KernelLine, match: RegExpExecArray): XidEvent | null {
  const pciBusId = pciBusIdOf((match[1] ?? '').replace(oldAddress, '$1'));
  if (pciBusId === null) return null;
  const rest = (match[3] ?? '').slice(0, longestMessage);
  const process = processForm.exec(rest);
  const pid = process?.[1] ?? '';
  const name = process?.[2] ?? '';
  return {
    ...told(line),
    kind: 'xid',
    xid: Number(match[2]),
    pciBusId,
    pid: /^\d+$/.test(pid) ? Number(pid) : null,
    processName: name === '' || name === '<unknown>' ? null : name,
    text: process === null ? rest : rest.slice(process[0].length),
    times: 1,
  };
}

function switchErrorOf(line: KernelLine, match: RegExpExecArray): SwitchErrorEvent | null {
  const pciBusId = pciBusIdOf(match[1] ?? '');
  if (pciBusId === null) return null;
  const text = (match[3] ?? '').slice(0, longestMessage);
  const fatal = /^non-fatal/i.test(text) ? false : /^fatal/i.test(text) ? true : null;
  return { ...told(line), kind: 'switch-error', sxid: Number(match[2]), pciBusId, fatal, text };
}
