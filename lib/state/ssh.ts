import type { SshHostSettings } from '../model/index.ts';
import type { AuditRecord } from './audit.ts';

/** A host that the hub reads over SSH. Its id is the id of the host in the fleet. */
export interface SshHostRecord extends SshHostSettings {
  readonly id: string;
  readonly createdAt: string;
}

export interface SshKeyRecord {
  readonly id: string;
  readonly name: string;
  /** `made`: `secret` is its private text. `file`: `secret` is the file's passphrase, null where it has none. */
  readonly kind: 'made' | 'file';
  readonly path: string | null;
  /** Encrypted. */
  readonly secret: string | null;
  readonly publicLine: string;
  readonly createdAt: string;
}

/** A host key that a person accepted. */
export interface SshKnownRecord {
  /** As known_hosts names a host: `name`, or `[name]:port`. */
  readonly place: string;
  readonly type: string;
  readonly fingerprint: string;
  /** The line of known_hosts. */
  readonly line: string;
  readonly acceptedAt: string;
  readonly acceptedBy: string;
}

export interface SshState {
  listSshHosts(): Promise<readonly SshHostRecord[]>;
  /** All of them, new or changed, and their lines of the audit log, or none. */
  putSshHosts(hosts: readonly SshHostRecord[], audits: readonly AuditRecord[]): Promise<void>;
  /** With what was accepted for these places, and the lines of the audit log. */
  removeSshHost(id: string, places: readonly string[], audits: readonly AuditRecord[]): Promise<void>;
  listSshKeys(): Promise<readonly SshKeyRecord[]>;
  putSshKey(key: SshKeyRecord, audit: AuditRecord): Promise<void>;
  removeSshKey(id: string, audit: AuditRecord): Promise<void>;
  listSshKnown(): Promise<readonly SshKnownRecord[]>;
  /** In the place of what was accepted for it before. */
  putSshKnown(known: SshKnownRecord, audit: AuditRecord): Promise<void>;
  removeSshKnown(place: string, audit: AuditRecord): Promise<void>;
}
