import { createHash } from 'node:crypto';
import type { RecordedAnswer, Recording } from '../../replay/recording.ts';

export interface HostTexts {
  readonly files: ReadonlyMap<string, string>;
  readonly docker: ReadonlyMap<string, RecordedAnswer>;
}

const containerPath = /^\/containers\/([0-9a-f]{64})\/json$/;

/**
 * Files and Docker answers with container ids of the host's own, so that two hosts that play one recording do not
 * share a container. @param identity null: as recorded
 */
export function renamedTexts(recording: Recording, identity: string | null): HostTexts {
  if (identity === null) return recording;
  const ids = [...recording.docker.keys()]
    .map((path) => containerPath.exec(path)?.[1])
    .filter((id) => id !== undefined);
  if (ids.length === 0) return recording;
  const own = new Map(ids.map((id) => [id, createHash('sha256').update(`${identity}/${id}`).digest('hex')]));
  const anyId = new RegExp(ids.join('|'), 'g');
  const rename = (text: string): string => text.replace(anyId, (id) => own.get(id) ?? id);
  return {
    files: new Map([...recording.files].map(([path, text]) => [path, rename(text)])),
    docker: new Map(
      [...recording.docker].map(([path, { status, body }]) => [rename(path), { status, body: rename(body) }]),
    ),
  };
}
