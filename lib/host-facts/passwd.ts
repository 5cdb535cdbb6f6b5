const longestText = 4 * 1024 * 1024;
const line = /^([^:\s][^:]{0,255}):[^:]*:(\d{1,10}):/;

/** User names by uid, from /etc/passwd or what `getent passwd` printed; of two for one uid the first. Never throws. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const each of text.slice(0, longestText).split('\n')) {
    const [, name, uid] = line.exec(each) ?? [];
    if (name !== undefined && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
