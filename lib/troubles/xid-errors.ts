import { explainXid } from '../faults/index.ts';
import { xidForm } from '../model/index.ts';
import type { KnownError } from './known-error.ts';

const mostXids = 4;
const line = new RegExp(`\\b${xidForm},? ?`, 'gi');
const longestSaid = 300;
/** As people write it: `Xid 79`, `XID: 79`, `xid error 79`. */
const word = /^\W*xid(?:\W{1,3}|\s+error\W{1,3}|\s+code\W{1,3})(\d{1,4})\b/i;

/** Numbers of the Xid lines in a text, each once, with what the driver said after it. */
export function xidsIn(text: string): readonly { readonly xid: number; readonly text: string }[] {
  const found = new Map<number, string>();
  const matches = [...text.matchAll(line)];
  for (const [at, match] of matches.entries()) {
    const said = text.slice(match.index + match[0].length, matches[at + 1]?.index).slice(0, longestSaid);
    found.set(Number(match[2]), said);
  }
  if (found.size === 0) {
    const xid = word.exec(text)?.[1];
    if (xid !== undefined) found.set(Number(xid), '');
  }
  return [...found].slice(0, mostXids).map(([xid, said]) => ({ xid, text: said }));
}

/** An Xid of the catalogue as a known error; one that nobody has published says so. */
export function xidError(xid: number, text = ''): KnownError {
  const { name, meaning, advice, source } = explainXid(xid, text);
  return {
    slug: `xid-${xid}`,
    title: `Xid ${xid}: ${meaning}`,
    says: [`NVRM: Xid (PCI:0000:3b:00): ${xid}`, name],
    patterns: [],
    cause: `The driver reported it for a GPU in the kernel log: ${meaning} (${name}).`,
    fix: [advice],
    source,
    basis: 'documented',
    isOn: ({ faultCounts }) => faultCounts?.xids.some((each) => each.xid === xid) ?? false,
    hostsAre: 'have had this Xid since they booted',
  };
}
