import { isTelling } from './names.ts';
import { createNumbered } from './patterns.ts';

/** Paths of people, wherever they keep them: masked whole, since folders and programs are named by people too. */
export interface Homes {
  /** From now on what lies below a folder of this name is masked. */
  addOwner(user: string): void;
  mask(text: string): string;
}

interface HomesOptions {
  /** Of accounts of people, wherever they are. */
  readonly homeFolders: readonly string[];
  /** Gets the name of a folder's owner. */
  readonly learn: (user: string) => void;
}

/** What a path may go on with, in every form of output: names have blanks too, and columns and quotes end them. */
const rest = `(?:(?!, \\d| {2,}|[<"'\\n\\r\\t|\\\\]).)`;
const underHome = new RegExp(`/home/(?!kubernetes/bin/nvidia)(${rest}+)`, 'g');
const pathRest = new RegExp(`${rest}*`, 'y');
/** A folder there that is called as a person is nobody's; what a process sees below its root may be. */
const ofSystem =
  /^\/(?!proc\/\d+\/(?:root|cwd)\/)(?:usr|lib\w*|etc|proc|sys|dev|s?bin|boot|snap|var\/(?:lib|log|cache|spool))(?:\/|$)/;
const longestPath = 256;
const pathBefore = /[^\s"'<>|:=,()\\]*$/;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const alternatives = (texts: Iterable<string>): string =>
  [...texts]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');

/** `/`, `/opt` and what the system keeps are homes of accounts too, and not what a person keeps there. */
const isPersonal = (folder: string): boolean => /^(?:\/[^/]+){2,}$/.test(folder) && !ofSystem.test(folder);

export function createHomes({ homeFolders, learn }: HomesOptions): Homes {
  const numbered = createNumbered((count) => `masked-${count}`);
  const owners = new Set<string>();
  const folders = homeFolders.map((folder) => folder.replace(/\/+$/, '')).filter(isPersonal);
  const inFolder =
    folders.length === 0 ? null : new RegExp(`(?:${alternatives(folders)})(?![\\w.-])${rest}*`, 'g');
  let owned: RegExp | null = null;

  const maskFolders = (text: string): string =>
    inFolder === null
      ? text
      : text.replace(inFolder, (path) => {
          const folder = folders.find((each) => path.startsWith(each)) ?? path;
          return `${folder.slice(0, folder.lastIndexOf('/'))}/${numbered(path)}`;
        });

  /** `/scratch/alice/…`: from the name on. */
  const maskOwned = (text: string): string => {
    if (owners.size === 0) return text;
    owned ??= new RegExp(`/(?:${alternatives(owners)})(?=/)`, 'gi');
    owned.lastIndex = 0;
    let told = '';
    let from = 0;
    for (let found = owned.exec(text); found !== null; found = owned.exec(text)) {
      const at = found.index;
      const before = pathBefore.exec(text.slice(Math.max(from, at - longestPath), at))?.[0] ?? '';
      if (ofSystem.test(`${before}${found[0]}`)) continue;
      pathRest.lastIndex = at;
      const path = pathRest.exec(text)?.[0] ?? found[0];
      told += `${text.slice(from, at)}/${numbered(path)}`;
      from = at + path.length;
      owned.lastIndex = from;
    }
    return told + text.slice(from);
  };

  return {
    addOwner(user) {
      if (!isTelling(user) || owners.has(user)) return;
      owners.add(user);
      owned = null;
    },
    mask: (text) =>
      maskOwned(
        maskFolders(
          text.replace(underHome, (_, path: string) => {
            if (/^masked-\d+$/.test(path)) return `/home/${path}`;
            const owner = /^[\w.-]+/.exec(path)?.[0];
            if (owner !== undefined) learn(owner);
            return `/home/${numbered(path)}`;
          }),
        ),
      ),
  };
}
