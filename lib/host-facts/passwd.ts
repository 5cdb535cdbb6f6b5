export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Empty where it has none. */
  readonly homeFolder: string;
}

const longestText = 4 * 1024 * 1024;
const line = /^([^:\s][^:]{0,255}):[^:]*:(\d{1,10}):(?:[^:]*:[^:]*:([^:]*))?/;

/** Accounts of /etc/passwd or of what `getent passwd` printed. Never throws. */
export const parseAccounts = (text: string): readonly Account[] =>
  text
    .slice(0, longestText)
    .split('\n')
    .flatMap((each) => {
      const [, name, uid, homeFolder = ''] = line.exec(each) ?? [];
      return name === undefined ? [] : [{ name, uid: Number(uid), homeFolder: homeFolder.trim() }];
    });

/** User names by uid; of two for one uid the first. Never throws. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, uid } of parseAccounts(text)) if (!names.has(uid)) names.set(uid, name);
  return names;
}
