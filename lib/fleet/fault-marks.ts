import { type Fault, type GpuFaultMark, isFreshFault } from '../model/index.ts';
import type { LiveHost } from './live-host.ts';

/** A list says what is worst; more of one GPU is on its page. */
const mostMarks = 3;

/** What is wrong with each GPU of a host, by the GPU's name in lists, the worst first; nothing of a host that is gone. */
export function faultMarks(
  host: LiveHost,
  faultsOf: (host: LiveHost) => readonly Fault[],
): ReadonlyMap<string, readonly GpuFaultMark[]> {
  const marks = new Map<string, GpuFaultMark[]>();
  if (host.report === null || host.state === 'gone' || host.restored) return marks;
  const nowMillis = host.takenAtMillis ?? 0;
  for (const fault of faultsOf(host)) {
    const { severity, gpuUuid, key, title, since, count } = fault;
    // What readings tell is as old as they are; what the kernel's log counted stays true without them.
    if (gpuUuid === null || severity === 'info' || (count === null && !host.current)) continue;
    if (!isFreshFault(fault, nowMillis)) continue;
    const own = marks.get(gpuUuid) ?? [];
    if (own.length < mostMarks) marks.set(gpuUuid, [...own, { severity, key, title, since }]);
  }
  return marks;
}
