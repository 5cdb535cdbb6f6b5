'use client';
import Link from 'next/link';
import type { HostDetail } from '../../../lib/model/index.ts';
import { FaultTable } from '../../components/fault-table.client.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { formatDuration } from '../../format/index.ts';

/** Whether Xids can be known at all: a log that may not be read is no log without errors. */
function logWords(host: HostDetail): { readonly text: string; readonly isBad: boolean } {
  const log = host.sources.find(({ source }) => source === 'kernel-log');
  if (host.faultCounts === null || log === undefined)
    return {
      text: 'The agent of this host is older and does not read the kernel log: Xid errors are not known.',
      isBad: true,
    };
  if (log.state === 'ok')
    return { text: 'Xid errors since the host booted, from the kernel log.', isBad: false };
  if (log.state === 'absent')
    return { text: 'There is no kernel log to read here: Xid errors are not known.', isBad: true };
  const why = log.failure === null ? '' : ` (${log.failure.message})`;
  return { text: `The kernel log cannot be read: Xid errors are not known${why}.`, isBad: true };
}

function LogState({ host }: { host: HostDetail }) {
  const { text, isBad } = logWords(host);
  return (
    <p
      data-testid="kernel-log"
      className={
        isBad ? 'border-t border-line px-4 py-2 text-warn' : 'border-t border-line px-4 py-2 text-muted'
      }
    >
      {text}
      {host.current ? null : ' The GPUs give no numbers now, so what their readings would tell is not known.'}
    </p>
  );
}

/** In words of a person; a reason without one is shown as nvidia-smi names it. */
const reasonWords: ReadonlyMap<string, string> = new Map([
  ['sw_power_cap', 'power limit, as set'],
  ['applications_clocks_setting', 'application clocks, as set'],
  ['hw_slowdown', 'the hardware (heat or power)'],
  ['hw_thermal_slowdown', 'heat'],
  ['hw_power_brake_slowdown', 'the power supply'],
  ['sw_thermal_slowdown', 'the temperature limit'],
  ['sync_boost', 'other GPUs of its group'],
]);

function Throttles({ host }: { host: HostDetail }) {
  const times = (host.faultCounts?.throttles ?? []).filter(({ seconds }) => seconds >= 1);
  if (times.length === 0) return null;
  const indexOf = (uuid: string) => host.gpus.find((gpu) => gpu.uuid === uuid)?.index ?? null;
  const rows = times.toSorted((a, b) => b.seconds - a.seconds);
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 font-medium">Time with clocks held down, since the agent started</h3>
      <SimpleTable
        caption="Time for which each reason held clocks down"
        columns={[
          { header: 'GPU', card: 'title' },
          { header: 'Held down by', card: 'labelled' },
          { header: 'Reason, as nvidia-smi names it', card: 'labelled' },
          { header: 'For', align: 'right', card: 'labelled' },
        ]}
        rows={rows.map(({ gpuUuid, reason, seconds }) => ({
          key: `${gpuUuid} ${reason}`,
          cells: [
            <Link
              key="gpu"
              href={`/gpus/${encodeURIComponent(gpuUuid)}`}
              prefetch={false}
              className="text-accent hover:underline"
            >
              GPU {indexOf(gpuUuid) ?? '?'}
            </Link>,
            reasonWords.get(reason) ?? 'another reason',
            <code key="reason" className="break-all font-mono text-[13px]">
              {reason}
            </code>,
            formatDuration(seconds),
          ],
        }))}
      />
    </section>
  );
}

/** What is wrong on this host, with what to do. */
export function Faults({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  return (
    <>
      {host.faults.length === 0 ? (
        <Empty title="No faults are known" />
      ) : (
        <FaultTable faults={host.faults} serverTime={serverTime} hasGpu />
      )}
      <LogState host={host} />
      <Throttles host={host} />
    </>
  );
}
