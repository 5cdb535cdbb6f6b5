import { createKernelLogReader, type KernelEvent } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { wholeJournal } from './read.ts';

/** 20,000 messages are some 8 MB. */
const limits = { deadlineSeconds: 20, maxOutputBytes: 32 * 1024 * 1024 };

/**
 * What the journal kept of this boot from before the ring buffer's oldest record, which came `seconds` after the boot.
 * Both tell a message's time as the kernel does, so none is told twice. Empty where there is no journal. Never rejects.
 */
export async function readEarlier(
  access: Pick<HostAccess, 'run'>,
  seconds: number,
): Promise<readonly KernelEvent[]> {
  const result = await access.run([...wholeJournal], limits);
  if (result.outcome !== 'exited' || result.exitCode !== 0) return [];
  const reader = createKernelLogReader();
  return result.stdout.split('\n').flatMap((line) => {
    const event = reader.push(line);
    return event !== null && event.bootSeconds !== null && event.bootSeconds < seconds ? [event] : [];
  });
}
