import type { Fact } from '../../lib/doctor/index.ts';
import type { HostAccess } from '../access/host-access.ts';

/** What one check may take altogether. */
export const checkSeconds = 3;

const fileLimits = { maxBytes: 256 * 1024, deadlineSeconds: 2 };
const runLimits = { maxOutputBytes: 1024 * 1024, deadlineSeconds: 2.5 };

export const known = <T>(from: string, value: T): Fact<T> => ({ state: 'known', value, from });
export const absent = (from: string): Fact<never> => ({ state: 'absent', from });
export const notKnown = (from: string, why: string): Fact<never> => ({ state: 'unknown', from, why });

/** Whatever it waits for, a fact is there in time. Never rejects. */
export async function within<T>(from: string, ask: () => Promise<Fact<T>>): Promise<Fact<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Fact<T>>((resolve) => {
    timer = setTimeout(
      () => resolve(notKnown(from, `no answer within ${checkSeconds} s`)),
      checkSeconds * 1000,
    );
  });
  const asked = ask().catch((error: unknown) => notKnown(from, String(error)));
  const fact = await Promise.race([asked, late]);
  clearTimeout(timer);
  return fact;
}

/** A file's text through `read`, which gives null for what it does not understand. */
export async function fileFact<T>(
  access: HostAccess,
  path: string,
  read: (text: string) => T | null,
  maxBytes = fileLimits.maxBytes,
): Promise<Fact<T>> {
  const file = await access.readFile(path, { ...fileLimits, maxBytes });
  if (file.outcome === 'absent') return absent(path);
  if (file.outcome === 'not-permitted') return notKnown(path, 'no permission to read it');
  if (file.outcome !== 'read') return notKnown(path, file.message);
  const value = read(file.text);
  return value === null ? notKnown(path, 'what it says is not understood') : known(path, value);
}

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that exited, or why there is nothing to read. */
export async function runFact(
  access: HostAccess,
  command: readonly [string, ...string[]],
): Promise<Fact<Ran>> {
  const from = command.join(' ');
  const result = await access.run([...command], runLimits);
  switch (result.outcome) {
    case 'exited':
      return known(from, result);
    case 'not-found':
      return absent(from);
    case 'not-permitted':
      return notKnown(from, 'it may not be run');
    case 'no-session':
      return notKnown(from, result.stderr);
    case 'too-much-output':
      return known(from, result);
    default:
      return notKnown(from, `it gave no answer in time (${result.outcome})`);
  }
}

/** The fact as another reads it. */
export function mapFact<A, B>(fact: Fact<A>, read: (value: A) => Fact<B>): Fact<B> {
  return fact.state === 'known' ? read(fact.value) : fact;
}

const mostNames = 4096;

/** Names in a folder; absent where there is none. */
export async function folderFact(access: HostAccess, path: string): Promise<Fact<readonly string[]>> {
  const folder = await access.listFolder(path, { maxEntries: mostNames, deadlineSeconds: 2 });
  if (folder.outcome === 'listed') return known(path, folder.names);
  return folder.outcome === 'absent' ? absent(path) : notKnown(path, folder.message);
}
