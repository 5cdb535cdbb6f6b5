import { explainXid } from '../../../../lib/faults/index.ts';
import { createKernelLogReader, createXidTally, type KernelEvent } from '../../../../lib/host-facts/index.ts';
import { eachLine } from '../../../../lib/model/index.ts';
import type { Form } from '../form.ts';

const mostEvents = 1000;
const mostUnread = 100;

/** A line of the kernel's log, or of the fabric manager's, which tells of NVSwitches. */
const marks = [
  /^[^\n]{0,300}NVRM: (?:Xid|GPU|The NVIDIA|loading|API mismatch|No NVIDIA|None of|This|nv[A-Z_])/m,
  /^[^\n]{0,300}SXid \(PCI:/m,
  /^\d{1,4},\d{1,20},\d{1,18},[-c+][^;\n]{0,40};/,
  /^kern {1,4}:[a-z]{3,6} *: /,
  /^\[[A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d\] \[[A-Z]{3,8}\] \[tid \d{1,10}\] /,
  /^\[ {0,12}\d{1,10}\.\d{6}\] \S/,
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,255} kernel: /,
  /^\{[^\n]{0,20000}"__REALTIME_TIMESTAMP"/,
];

export const xidLog: Form = {
  kind: 'xid-log',
  matches(text) {
    const head = text.slice(0, 65_536).trimStart();
    return marks.some((mark) => mark.test(head));
  },
  read(text) {
    const reader = createKernelLogReader();
    const tally = createXidTally();
    const others: KernelEvent[] = [];
    const unread = new Set<string>();
    let left = 0;
    for (const { text: line } of eachLine(text)) {
      const event = reader.push(line);
      if (event === null) continue;
      if (event.kind === 'unread') unread.add(event.message);
      else if (event.kind === 'xid') tally.add(event, event.at);
      else if (event.kind === 'gpu-name') tally.name(event.pciBusId, event.uuid);
      else if (others.length < mostEvents) others.push(event);
      else left += 1;
    }
    left += tally.leftOut;
    const problems = [
      ...[...unread].slice(0, mostUnread).map((text) => ({
        field: 'xid-log:',
        text: text.slice(0, 200),
        message: 'names an Xid and cannot be read',
      })),
      ...(left === 0 ? [] : [{ field: 'xid-log:', text: `${left} events`, message: 'are left out' }]),
    ];
    const xids = tally.counts.map((count) => ({ ...explainXid(count.xid, count.lastText), ...count }));
    return { xids, events: others, problems };
  },
};
