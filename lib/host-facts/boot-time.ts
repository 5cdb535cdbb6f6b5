/** `btime` of /proc/stat: when the host booted, in seconds since 1970; null when it is not told. */
export function parseBootTime(text: string): number | null {
  const told = /^btime (\d{1,12})\s*$/m.exec(text)?.[1];
  return told === undefined ? null : Number(told);
}
