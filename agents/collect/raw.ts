import {
  longestGpuUuid,
  longestRawName,
  longestRawText,
  mostRawFields,
  type RawFields,
  type RawReading,
  type RawText,
} from '../../lib/model/index.ts';
import type { RawGpus } from './gpus/raw.ts';

const cut = (raw: RawText): RawText => ({
  form: raw.form,
  name: raw.name.slice(0, longestRawName),
  text: raw.text.slice(0, longestRawText),
});

/** Within what one push may hold: the first GPUs whole, those past the limit not at all. */
export function fitRaw(
  { gpus, driverVersion, cudaVersion }: RawGpus,
  stack: RawFields,
  dockerVersion: string | null,
): Omit<RawReading, 'sequence'> {
  const kept: Record<string, RawFields> = {};
  let count = 0;
  for (const [uuid, fields] of gpus) {
    const entries = Object.entries(fields);
    if (uuid.length > longestGpuUuid || count + entries.length > mostRawFields) continue;
    count += entries.length;
    kept[uuid] = Object.fromEntries(entries.map(([field, raw]) => [field, cut(raw)]));
  }
  const host: Record<string, RawText | null> = {
    ...stack,
    driverVersion,
    cudaVersion,
    dockerVersion:
      dockerVersion === null
        ? null
        : {
            form: 'command',
            name: 'GET /version of the Docker socket',
            text: `"Version": "${dockerVersion}"`,
          },
  };
  const told = Object.entries(host).flatMap(([field, raw]) =>
    raw === null ? [] : [[field, cut(raw)] as const],
  );
  return { gpus: kept, host: Object.fromEntries(told) };
}
