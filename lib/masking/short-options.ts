import { masked } from './patterns.ts';

/** Options of one letter that are followed by a secret: in the same word (`-pSECRET`), or by the next (`-p SECRET`). */
interface ShortOptions {
  readonly programs: RegExp;
  readonly attached?: RegExp;
  readonly separate?: RegExp;
  /** Only after this word: `docker login -p`, and not `docker run -p`. */
  readonly after?: string;
}

const table: readonly ShortOptions[] = [
  // A blank after -p means that it asks, and what follows is the database; -P is the port.
  { programs: /^(?:mysql|mariadb)(?!d(?:$|[_-]))[\w-]*$/, attached: /^-p(?=.)/ },
  { programs: /^sshpass$/, attached: /^-p(?=.)/, separate: /^-p$/ },
  // What sshpass starts has a -p of its own: the port.
  { programs: /^(?:ssh|scp|sftp|rsync)$/ },
  { programs: /^redis-cli$/, attached: /^-a(?=.)/, separate: /^-a$/ },
  { programs: /^(?:mongo\w*|cqlsh|rabbitmqadmin|smbmap)$/, attached: /^-p(?=.)/, separate: /^-p$/ },
  {
    programs: /^(?:ipmitool|ipmi-\w+|ipmipower|sqlcmd|bcp|mosquitto_\w+|zip|unzip)$/,
    ...{ attached: /^-P(?=.)/, separate: /^-[a-z]*P$/ },
  },
  { programs: /^(?:ldap\w+|zipcloak)$/, attached: /^-w(?=.)/, separate: /^-w$/ },
  { programs: /^7z\w*$/, attached: /^-p(?=.)/ },
  { programs: /^snmp\w+$/, attached: /^-[cAX](?=.)/, separate: /^-[cAX]$/ },
  { programs: /^openssl$/, separate: /^-[kK]$/ },
  {
    programs: /^(?:docker|podman|buildah|skopeo|helm|oc|az|nerdctl|crane|oras|regctl)$/,
    ...{ attached: /^-p(?=.)/, separate: /^-p$/, after: 'login' },
  },
];

/** `-uNAME:PASSWORD` in one word, and `--user=NAME:PASSWORD`; `1000:1000` has no password. */
const userPassword = /^(-u|--(?:proxy-)?user=)(?!\d+:\d+$)([^:/\s=]{1,100}:)(?!\/\/).+$/s;
/** `-U NAME%PASSWORD` of Samba. */
const sambaUser = /^((?:-U|--user=)?[^%\s]{1,100}%).+$/s;
const endsCommand = /(?:^|[^\\])[;|&]+$/;

/** A word as it may be shown, and whether the next one is a secret. */
export interface ReadWord {
  readonly word: string;
  readonly isSecretNext: boolean;
}

export interface ShortOptionReader {
  /** Takes the words of a command line in their order. */
  read(word: string): ReadWord;
}

/** Knows the program that is meant from the words before: `sudo -u x docker exec db mysql -pSECRET`. */
export function createShortOptionReader(): ShortOptionReader {
  let mine: readonly ShortOptions[] = [];
  let isSamba = false;
  let isCurl = false;
  let seen = new Set<string>();
  const enter = (word: string): void => {
    const name = word.slice(word.lastIndexOf('/') + 1).replace(/^["'(]+|[;|&]+$/g, '');
    const found = table.filter(({ programs }) => programs.test(name));
    if (found.length > 0) [mine, seen] = [found, new Set()];
    if (/^(?:smb\w+|rpcclient|net)$/.test(name)) isSamba = true;
    if (/^curl$/.test(name)) isCurl = true;
    seen.add(name);
  };
  const reset = (): void => {
    [mine, isSamba, isCurl, seen] = [[], false, false, new Set()];
  };
  const shown = (word: string): string => {
    for (const { attached, after } of mine) {
      const head = after === undefined || seen.has(after) ? attached?.exec(word)?.[0] : undefined;
      if (head !== undefined) return `${head}${masked}`;
    }
    if (isSamba && sambaUser.test(word)) return word.replace(sambaUser, `$1${masked}`);
    return isCurl || word.startsWith('--') ? word.replace(userPassword, `$1$2${masked}`) : word;
  };
  return {
    read(word) {
      const isOption = word.startsWith('-');
      if (!isOption) enter(word);
      const isSecretNext = mine.some(
        ({ separate, after }) => separate?.test(word) === true && (after === undefined || seen.has(after)),
      );
      const told = { word: shown(word), isSecretNext };
      if (endsCommand.test(word)) reset();
      return told;
    },
  };
}
