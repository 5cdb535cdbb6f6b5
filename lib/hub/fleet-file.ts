import { readFile, stat } from 'node:fs/promises';
import { knownRules } from '../alerts/rules/index.ts';
import { type FleetFileContent, noFleetFile, readFleetFile } from '../labels/index.ts';
import type { StateStore } from '../state/state-store.ts';

export interface FleetFileFault {
  /** When it was first seen, ISO 8601. */
  readonly at: string;
  /** `path:line: where: what`, one fault a line; at least one. */
  readonly lines: readonly string[];
}

/** What counts now, and what is wrong with what is on disk. */
export interface FleetFileState extends FleetFileContent {
  /** Null: the hub was started without one. */
  readonly path: string | null;
  /** When what counts now was read, ISO 8601; null while nothing was. */
  readonly loadedAt: string | null;
  /** The text that counts; null while nothing was read. */
  readonly text: string | null;
  /** Null while the file on disk is what counts. */
  readonly fault: FleetFileFault | null;
}

export interface FleetFile {
  current(): FleetFileState;
  /** Called after what counts or its fault changed. Returns what ends it. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export interface FleetFileOptions {
  readonly path: string | null;
  readonly state: Pick<StateStore, 'getSetting' | 'putSetting'>;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly lookEveryMillis?: number;
}

const maxBytes = 4 * 1024 * 1024;
/** The text that counted last, so that a hub that restarts over a bad edit keeps it too. */
const lastGoodSetting = 'fleetFile';

type Look =
  | { readonly signature: string; readonly text: string }
  | { readonly signature: string; readonly fault: string };

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

async function signatureOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs].join(' ');
  } catch (error) {
    return codeOf(error);
  }
}

async function look(path: string, signature: string): Promise<Look> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile) return { signature, fault: `${path}: is not a file` };
    if (size > maxBytes) return { signature, fault: `${path}: is larger than ${maxBytes} bytes` };
    return { signature, text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) };
  } catch (error) {
    const why = error instanceof TypeError ? 'is not UTF-8' : `cannot be read (${codeOf(error)})`;
    return { signature, fault: `${path}: ${why}` };
  }
}

/** A blank file is more often one that was cut (a full disk, a copy that failed) than one that means nothing. */
function readFound(found: Look, path: string, before: string | null): ReturnType<typeof readFleetFile> {
  if ('fault' in found) return { ok: false, faults: [found.fault] };
  if (found.text.trim() === '' && before !== null && before.trim() !== '')
    return { ok: false, faults: [`${path}: is empty; write "hosts: {}" if nothing is to be declared`] };
  return readFleetFile(found.text, path, knownRules);
}

class WatchedFile implements FleetFile {
  readonly #options: FleetFileOptions;
  readonly #listeners = new Set<() => void>();
  #current: FleetFileState;
  #readSignature = '';
  #seenSignature = '';
  #text: string | null = null;
  #looking = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FleetFileOptions) {
    this.#options = options;
    this.#current = { ...noFleetFile, path: options.path, loadedAt: null, text: null, fault: null };
  }

  current(): FleetFileState {
    return this.#current;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async open(): Promise<void> {
    const { path, lookEveryMillis = 500 } = this.#options;
    if (path === null) return;
    await this.#restore(path);
    const signature = await signatureOf(path);
    await this.#take(path, await look(path, signature));
    this.#seenSignature = signature;
    this.#timer = setInterval(() => void this.#lookAgain(path), lookEveryMillis).unref();
  }

  async #restore(path: string): Promise<void> {
    const kept = await this.#options.state.getSetting(lastGoodSetting);
    if (kept === null) return;
    const { path: ofPath, text, loadedAt } = JSON.parse(kept) as Record<string, string>;
    if (ofPath !== path || text === undefined || loadedAt === undefined) return;
    const result = readFleetFile(text, path, knownRules);
    if (!result.ok) return;
    this.#text = text;
    this.#current = { ...result.content, path, loadedAt, text, fault: null };
  }

  /** A file that is still being written shows another signature at the next look, and is not read before it rests. */
  async #lookAgain(path: string): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const signature = await signatureOf(path);
      const rests = signature === this.#seenSignature;
      this.#seenSignature = signature;
      if (!rests || signature === this.#readSignature) return;
      const found = await look(path, signature);
      if ((await signatureOf(path)) === signature) await this.#take(path, found);
    } catch (error) {
      this.#options.log(`fleet file ${path}: ${String(error)}`);
    } finally {
      this.#looking = false;
    }
  }

  async #take(path: string, found: Look): Promise<void> {
    const { log, state, now } = this.#options;
    this.#readSignature = found.signature;
    const result = readFound(found, path, this.#text);
    const at = new Date(now()).toISOString();
    if (!result.ok) {
      const kept =
        this.#current.loadedAt === null
          ? 'nothing of it counts'
          : `what was read at ${this.#current.loadedAt} still counts`;
      const more = result.faults.length > 1 ? ` (and ${result.faults.length - 1} more)` : '';
      log(`fleet file: ${result.faults[0]}${more}; ${kept}`);
      this.#current = { ...this.#current, fault: { at, lines: result.faults } };
    } else {
      const text = 'text' in found ? found.text : '';
      const isNews = text !== this.#text;
      this.#text = text;
      this.#current = {
        ...result.content,
        path,
        loadedAt: isNews ? at : this.#current.loadedAt,
        text,
        fault: null,
      };
      if (isNews) {
        log(`fleet file: ${path} was read`);
        await state.putSetting(lastGoodSetting, JSON.stringify({ path, text, loadedAt: at }));
      }
    }
    for (const listener of this.#listeners) listener();
  }
}

/** Reads the fleet file and keeps looking whether it changed. Resolves when it was read once; a bad one is a fault. */
export async function openFleetFile(options: FleetFileOptions): Promise<FleetFile> {
  const file = new WatchedFile(options);
  await file.open();
  return file;
}
