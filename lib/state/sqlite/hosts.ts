import type { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inTransaction } from '../../sqlite/open-database.ts';
import { type HostRecord, StoreError } from '../state-store.ts';
import { labels, type Row, text, textOrNull } from './rows.ts';

export type ReportNote = Pick<HostRecord, 'id' | 'hostname' | 'lastReportAt' | 'lastReport' | 'agentLabels'>;

/** A host's last report is written at once the first time, then at most this often. */
const writeEveryMilliseconds = 30_000;
/** What one flush may cost: it runs between requests, on the hub's own thread. */
const maxNotesPerFlush = 32;
const maxCharactersPerFlush = 1_000_000;

export interface HostTable {
  list(): readonly HostRecord[];
  get(id: string): HostRecord | null;
  findIdByCredential(hash: string): string | null;
  put(host: HostRecord): void;
  note(notes: readonly ReportNote[]): void;
  remove(id: string): void;
  /** Writes the notes that are due, the longest waiting first; all of them when `everything`. */
  flush(nowMilliseconds: number, everything?: boolean): void;
}

/** Hosts, with the newest notes kept in memory and laid over what is read, so that writing may lag. */
export function createHostTable(db: DatabaseSync): HostTable {
  const notes = new Map<string, ReportNote>();
  const writtenAt = new Map<string, number>();
  const sql = {
    list: db.prepare('SELECT * FROM hosts ORDER BY hostname, id'),
    get: db.prepare('SELECT * FROM hosts WHERE id = ?'),
    byCredential: db.prepare('SELECT id FROM hosts WHERE credential_hash = ?'),
    put: db.prepare(`INSERT INTO hosts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
      hostname = excluded.hostname, credential_hash = excluded.credential_hash, enrolled_at = excluded.enrolled_at,
      last_report_at = excluded.last_report_at, last_report = excluded.last_report,
      agent_labels = excluded.agent_labels, hub_labels = excluded.hub_labels`),
    note: db.prepare(
      'UPDATE hosts SET hostname = ?, last_report_at = ?, last_report = ?, agent_labels = ? WHERE id = ?',
    ),
    remove: db.prepare('DELETE FROM hosts WHERE id = ?'),
  };
  const read = (row: Row | undefined): HostRecord | null =>
    row === undefined ? null : { ...toHost(row), ...notes.get(text(row, 'id')) };

  return {
    list: () => sql.list.all().map((row) => ({ ...toHost(row), ...notes.get(text(row, 'id')) })),
    get: (id) => read(sql.get.get(id)),
    findIdByCredential(hash) {
      const row = sql.byCredential.get(hash);
      return row === undefined ? null : text(row, 'id');
    },
    put(host) {
      sql.put.run(
        host.id,
        host.hostname,
        host.credentialHash,
        host.enrolledAt,
        host.lastReportAt,
        host.lastReport,
        JSON.stringify(host.agentLabels),
        JSON.stringify(host.hubLabels),
      );
      notes.delete(host.id);
    },
    note(given) {
      // An entry keeps its place in the map, so that the longest waiting comes first.
      for (const { id, hostname, lastReportAt, lastReport, agentLabels } of given) {
        notes.set(id, { id, hostname, lastReportAt, lastReport, agentLabels });
      }
    },
    remove(id) {
      sql.remove.run(id);
      notes.delete(id);
      writtenAt.delete(id);
    },
    flush(now, everything = false) {
      const due: ReportNote[] = [];
      let characters = 0;
      for (const note of notes.values()) {
        const isDue = now - (writtenAt.get(note.id) ?? Number.NEGATIVE_INFINITY) >= writeEveryMilliseconds;
        if (!isDue && !everything) continue;
        const isTooMuch = due.length >= maxNotesPerFlush || characters > maxCharactersPerFlush;
        if (isTooMuch && !everything) break;
        due.push(note);
        characters += note.lastReport?.length ?? 0;
      }
      if (due.length === 0) return;
      inTransaction(db, () => {
        for (const { id, hostname, lastReportAt, lastReport, agentLabels } of due) {
          const report = lastReport === null ? null : packed(lastReport);
          sql.note.run(hostname, lastReportAt, report, JSON.stringify(agentLabels), id);
        }
      });
      for (const note of due) {
        notes.delete(note.id);
        writtenAt.set(note.id, now);
      }
    },
  };
}

/** No JSON begins so. */
const packedPrefix = 'gzip:';

/** A sixth of the text, and so of what a flush writes and a checkpoint copies on the hub's own thread. */
const packed = (report: string): string => packedPrefix + gzipSync(report, { level: 1 }).toString('base64');

/** As it was put with the host or by an older hub, or as a note packed it. */
function unpacked(row: Row): string | null {
  const value = textOrNull(row, 'last_report');
  if (value === null || !value.startsWith(packedPrefix)) return value;
  try {
    return gunzipSync(Buffer.from(value.slice(packedPrefix.length), 'base64')).toString();
  } catch (error) {
    throw new StoreError('corrupt', `the last report of host ${text(row, 'id')} is damaged`, {
      cause: error,
    });
  }
}

function toHost(row: Row): HostRecord {
  return {
    id: text(row, 'id'),
    hostname: text(row, 'hostname'),
    credentialHash: textOrNull(row, 'credential_hash'),
    enrolledAt: text(row, 'enrolled_at'),
    lastReportAt: textOrNull(row, 'last_report_at'),
    lastReport: unpacked(row),
    agentLabels: labels(row, 'agent_labels'),
    hubLabels: labels(row, 'hub_labels'),
  };
}
