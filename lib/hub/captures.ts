import { randomBytes } from 'node:crypto';
import { type CaptureView, mostCaptureBytes } from '../model/index.ts';

const waitMillis = 3 * 60_000;
const keepMillis = 15 * 60_000;
/** Of all that wait to be fetched; the oldest gives way. */
const mostBytesKept = 8 * mostCaptureBytes;
const longestMessage = 500;

interface Asked {
  readonly id: string;
  readonly hostId: string;
  readonly askedAtMillis: number;
  readonly askedBy: string;
  archive: Buffer | null;
  endsAtMillis: number;
  message: string | null;
}

/** Captures that were asked for and what came of them: one a host, in memory, for a quarter of an hour. */
export interface Captures {
  /** Asks anew; while one is under way, that one is it. */
  ask(hostId: string, askedBy: string): void;
  /** The id under which the host's agent is to send one; null: none is wanted. */
  wanted(hostId: string): string | null;
  /** What the agent sent; false when that capture is not wanted (any more). */
  take(hostId: string, id: string, archive: Buffer): boolean;
  fail(hostId: string, id: string, message: string): boolean;
  view(hostId: string): CaptureView;
  /** Null: it is gone, or was never there. */
  archive(id: string): { readonly hostId: string; readonly archive: Buffer } | null;
  forget(hostId: string): void;
}

const none: CaptureView = {
  state: 'none',
  askedAt: null,
  askedBy: null,
  bytes: null,
  path: null,
  expiresAt: null,
  message: null,
};

const late =
  'No capture came within 3 minutes: the host does not report, or its agent is older than this hub. Run "gpufleet capture" on the host itself.';

export function createCaptures(now: () => number): Captures {
  const byHost = new Map<string, Asked>();
  const current = (hostId: string): Asked | null => {
    const asked = byHost.get(hostId);
    if (asked === undefined) return null;
    if (now() < asked.endsAtMillis) return asked;
    if (asked.archive === null && asked.message === null) {
      asked.message = late;
      asked.endsAtMillis = now() + keepMillis;
      return asked;
    }
    byHost.delete(hostId);
    return null;
  };
  const awaited = (hostId: string, id: string): Asked | null => {
    const asked = current(hostId);
    return asked?.id === id && asked.archive === null && asked.message === null ? asked : null;
  };
  const makeRoom = (bytes: number): void => {
    const held = [...byHost.values()].filter(({ archive }) => archive !== null);
    held.sort((a, b) => a.askedAtMillis - b.askedAtMillis);
    let total = held.reduce((sum, { archive }) => sum + (archive?.length ?? 0), 0);
    for (const { hostId, archive } of held) {
      if (total + bytes <= mostBytesKept) return;
      total -= archive?.length ?? 0;
      byHost.delete(hostId);
    }
  };
  return {
    ask(hostId, askedBy) {
      const before = current(hostId);
      if (before !== null && awaited(hostId, before.id) !== null) return;
      const askedAtMillis = now();
      byHost.set(hostId, {
        id: randomBytes(16).toString('hex'),
        hostId,
        askedAtMillis,
        askedBy,
        archive: null,
        endsAtMillis: askedAtMillis + waitMillis,
        message: null,
      });
    },
    wanted(hostId) {
      const asked = current(hostId);
      return asked === null ? null : (awaited(hostId, asked.id)?.id ?? null);
    },
    take(hostId, id, archive) {
      const asked = awaited(hostId, id);
      if (asked === null) return false;
      makeRoom(archive.length);
      asked.archive = archive;
      asked.endsAtMillis = now() + keepMillis;
      return true;
    },
    fail(hostId, id, message) {
      const asked = awaited(hostId, id);
      if (asked === null) return false;
      asked.message = `The agent could not take one: ${message.slice(0, longestMessage)}`;
      asked.endsAtMillis = now() + keepMillis;
      return true;
    },
    view(hostId) {
      const asked = current(hostId);
      if (asked === null) return none;
      const { id, archive, message } = asked;
      return {
        state: archive !== null ? 'ready' : message !== null ? 'failed' : 'asked',
        askedAt: new Date(asked.askedAtMillis).toISOString(),
        askedBy: asked.askedBy,
        bytes: archive?.length ?? null,
        path: archive === null ? null : `/api/v1/captures/${id}`,
        expiresAt: new Date(asked.endsAtMillis).toISOString(),
        message,
      };
    },
    archive(id) {
      for (const asked of byHost.values())
        if (asked.id === id && current(asked.hostId) === asked && asked.archive !== null)
          return { hostId: asked.hostId, archive: asked.archive };
      return null;
    },
    forget: (hostId) => void byHost.delete(hostId),
  };
}
