export interface ProcessStatus {
  /** Real user id, in the numbering of whoever reads. */
  readonly uid: number | null;
  /** Its pid in its innermost pid namespace; null where the kernel does not tell. */
  readonly innerPid: number | null;
}

/** Reads /proc/PID/status. Never throws. */
export function parseProcessStatus(text: string): ProcessStatus {
  const head = text.slice(0, 65_536);
  const uid = /^Uid:\s+(\d{1,10})\b/m.exec(head)?.[1];
  const inner = /^NSpid:.*?(\d{1,10})\s*$/m.exec(head)?.[1];
  return {
    uid: uid === undefined ? null : Number(uid),
    innerPid: inner === undefined ? null : Number(inner),
  };
}
