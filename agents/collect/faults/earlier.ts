import { createKernelLogReader, type KernelEvent } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { wholeJournal } from './read.ts';

/** A journal gives its lines in one go, some 8 MB of 20,000. */
const limits = {
  startDeadlineSeconds: 20,
  sampleDeadlineSeconds: 20,
  maxLineBytes: 64 * 1024,
  maxBytesPerSecond: 32 * 1024 * 1024,
};

/**
 * What the journal kept of this boot from before the ring buffer's oldest record, which came `seconds` after the boot.
 * Both tell a message's time as the kernel does, so none is told twice. False: there is a journal, and it could not be
 * read to its end. Never rejects.
 */
export async function readEarlier(
  access: Pick<HostAccess, 'stream'>,
  seconds: number,
  onEvent: (event: KernelEvent) => void,
): Promise<boolean> {
  const stream = access.stream([...wholeJournal], limits);
  const reader = createKernelLogReader();
  for await (const line of stream.lines) {
    const event = reader.push(line);
    if (event !== null && event.bootSeconds !== null && event.bootSeconds < seconds) onEvent(event);
  }
  const end = await stream.ended;
  return (
    end.reason === 'not-found' || end.reason === 'stopped' || (end.reason === 'exited' && end.exitCode === 0)
  );
}
