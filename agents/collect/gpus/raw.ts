import type { RawFields, RawText } from '../../../lib/model/index.ts';
import { type RawDocument, rawQueryRow, rawSmiXml } from '../../../lib/nvidia-smi/index.ts';
import { isFresh, type MergeInput } from './merge.ts';

export interface RawGpus {
  /** By uuid: the texts that mergeGpus() shows values of, the query's over the document's. */
  readonly gpus: ReadonlyMap<string, RawFields>;
  readonly driverVersion: RawText | null;
  readonly cudaVersion: RawText | null;
}

export interface RawReader {
  read(input: MergeInput): RawGpus;
}

/** The memory that the processes were read beside: the query's newer text covers it. */
function withDetails(fields: RawFields): RawFields {
  const used = fields['memory.usedBytes'];
  return used === undefined ? fields : { ...fields, detailsMemoryUsedBytes: used };
}

/** Reads the texts again that the values came from; a document once, however often it is asked for. */
export function createRawReader(): RawReader {
  let read: { readonly printed: string; readonly document: RawDocument } | null = null;
  const documentOf = (printed: string): RawDocument => {
    if (read?.printed !== printed) read = { printed, document: rawSmiXml(printed) };
    return read.document;
  };
  return {
    read(input) {
      const { latest, detailsAreCurrent, samples } = input;
      const document = latest === null ? null : documentOf(latest.printed);
      const gpus = new Map<string, RawFields>();
      if (detailsAreCurrent)
        for (const [uuid, fields] of document?.gpus ?? []) gpus.set(uuid, withDetails(fields));
      for (const [uuid, { printed, sampledSeconds }] of samples)
        if (printed !== null && isFresh(sampledSeconds, input))
          gpus.set(uuid, { ...gpus.get(uuid), ...rawQueryRow(printed.columns, printed.line) });
      const { driverVersion = null, cudaVersion = null } = document ?? {};
      return { gpus, driverVersion, cudaVersion };
    },
  };
}
