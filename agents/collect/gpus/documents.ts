import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, isoNow } from '../clock.ts';
import type { Outcome, Source } from '../source.ts';
import { fingerprint, streamChange } from './change.ts';
import type { DatedDocument } from './merge.ts';
import { createDocumentReader, withFailedGpu } from './read.ts';

export interface DocumentsOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly nvidiaSmiPath: string | null;
  readonly source: Source;
  /** Awaited before a document counts, so that its processes come with their owners. */
  readonly onDocument: (document: SmiDocument, program: string | null) => Promise<void>;
}

export interface DocumentReading {
  readonly outcome: Outcome<SmiDocument>;
  /** It says nothing new. */
  readonly isSame: boolean;
  /** What a stream that runs since before cannot know, in words; null: nothing. */
  readonly change: string | null;
}

/** The slow document of nvidia-smi, and what came of asking for it. */
export interface Documents {
  read(): Promise<DocumentReading>;
  /** The last good one. */
  readonly latest: DatedDocument | null;
  /** Of the last ask; null before the first. */
  readonly outcome: Outcome<SmiDocument> | null;
  /** In a row. */
  readonly failures: number;
  readonly program: string | null;
}

export function createDocuments(options: DocumentsOptions): Documents {
  const { clock, source } = options;
  const reader = createDocumentReader(options.access, options.nvidiaSmiPath);
  let latest: DatedDocument | null = null;
  let outcome: Outcome<SmiDocument> | null = null;
  let failures = 0;
  const take = async (document: SmiDocument): Promise<boolean> => {
    await options.onDocument(document, reader.program);
    const isSame = latest !== null && fingerprint(latest.document) === fingerprint(document);
    const sampledSeconds = clock.monotonicSeconds();
    latest = { document, printed: reader.printed, sampledAt: isoNow(clock), sampledSeconds };
    return isSame;
  };
  return {
    async read() {
      const read = await source.measure(reader.command, () => reader.read());
      if (read.state === 'paused') return { outcome: read, isSame: true, change: null };
      const before = latest?.document ?? null;
      const isSame = read.state === 'ok' && (await take(read.value));
      if (read.state !== 'ok' && latest !== null)
        latest = { ...latest, document: withFailedGpu(latest.document, read.failure) };
      outcome = read;
      failures = read.state === 'ok' ? 0 : failures + 1;
      const change = read.state === 'ok' && before !== null ? streamChange(before, read.value) : null;
      return { outcome: read, isSame, change };
    },
    get latest() {
      return latest;
    },
    get outcome() {
      return outcome;
    },
    get failures() {
      return failures;
    },
    get program() {
      return reader.program;
    },
  };
}
