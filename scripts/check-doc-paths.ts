import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface DocPath {
  readonly line: number;
  readonly path: string;
}

/** A word of a code span or the target of a link that looks like a path of this repository. */
const topFolders = /^(\.\/)?(agents|app|bench|bin|deploy|docs|e2e|lib|scripts|\.ci)\//;
const topFiles = /^([A-Z]+\.md|package\.json|\.[\w.-]+\.cjs|[\w-]+\.config\.(js|ts|mjs))$/;

/** Paths named in a Markdown text; globs, placeholders and addresses are none. */
export function pathsIn(markdown: string): readonly DocPath[] {
  const found: DocPath[] = [];
  let inBlock = false;
  for (const [i, text] of markdown.split('\n').entries()) {
    if (text.startsWith('```')) {
      inBlock = !inBlock;
      continue;
    }
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    const spans = inBlock
      ? text.split(/\s+/)
      : [...text.matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? '');
    const linked = links.filter((link) => !/^[a-z]+:/.test(link));
    const named = spans.filter((span) => topFolders.test(span) || (!inBlock && topFiles.test(span)));
    for (const path of new Set([...linked, ...named]))
      if (!/[*<>{}…$]/.test(path)) found.push({ line: i + 1, path: path.replace(/[.,:;]$/, '') });
  }
  return found;
}

/** Names that a reader knows are not files of this checkout. */
const elsewhere = new Set(['labels.yaml']);

async function missingIn(root: string, document: string): Promise<string[]> {
  const paths = pathsIn(await readFile(join(root, document), 'utf8')).filter(
    ({ path }) => !elsewhere.has(path),
  );
  const checked = await Promise.all(
    paths.map(async ({ line, path }) => {
      const there = await stat(join(root, path)).then(
        () => true,
        () => false,
      );
      return there ? null : `${document}:${line}: ${path} does not exist`;
    }),
  );
  return checked.filter((message) => message !== null);
}

if (import.meta.main) {
  const root = new URL('..', import.meta.url).pathname;
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/install.md'];
  const missing = (await Promise.all(documents.map((document) => missingIn(root, document)))).flat();
  for (const message of missing) console.error(message);
  process.exit(missing.length > 0 ? 1 : 0);
}
