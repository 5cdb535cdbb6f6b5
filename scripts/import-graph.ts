import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { build, type Loader, type Plugin } from 'esbuild';

/** One import as written. `to` is a path from the root, or a package (`zod`, `node:fs`). */
export interface ImportEdge {
  readonly from: string;
  readonly to: string;
  /** True when only types cross, so that nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  readonly path: string;
  /** Begins with 'use client', or is named so. */
  readonly browser: boolean;
}

export interface ImportGraph {
  readonly files: readonly SourceFile[];
  readonly edges: readonly ImportEdge[];
}

const sourceName = /\.(ts|tsx|js|mjs)$/;

/** `import type` and `export type … from` as ordinary imports, so that esbuild keeps them. */
function withTypesKept(text: string): string {
  return text
    .replace(/\bimport\s+type\s+(?=[\w*{$])/g, 'import ')
    .replace(/\bexport\s+type\s+(?=[*{])/g, 'export ');
}

/** Types may also be named as `import('./x.ts').T`, which no bundler keeps. */
function typeImportsInPlace(text: string): string[] {
  return [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((match) => match[1] ?? '');
}

async function sourcesBelow(root: string, folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      return entries
        .filter((entry) => entry.isFile() && sourceName.test(entry.name) && !entry.name.endsWith('.d.ts'))
        .map((entry) => posix.relative(root, posix.join(entry.parentPath, entry.name)));
    }),
  );
  return found.flat().sort();
}

/** What each file imports, as esbuild reads it: it knows TypeScript, JSX and every form of import. */
async function importsOf(
  root: string,
  texts: ReadonlyMap<string, string>,
): Promise<Map<string, Set<string>>> {
  const imports = new Map<string, Set<string>>([...texts.keys()].map((path) => [path, new Set()]));
  const record: Plugin = {
    name: 'record-imports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (kind === 'entry-point') return { path: posix.normalize(path), namespace: 'source' };
        imports.get(importer)?.add(path);
        return { path, external: true };
      });
      onLoad({ filter: /.*/, namespace: 'source' }, ({ path }) => {
        const loader: Loader = path.endsWith('.tsx') ? 'tsx' : path.endsWith('.ts') ? 'ts' : 'jsx';
        return { contents: texts.get(path) ?? '', loader };
      });
    },
  };
  await build({
    entryPoints: [...texts.keys()],
    absWorkingDir: root,
    bundle: true,
    write: false,
    outdir: 'unused',
    format: 'esm',
    platform: 'node',
    jsx: 'preserve',
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    plugins: [record],
  });
  return imports;
}

function target(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}

/** Every import of every source file below `folders`. Rejects with esbuild's message when a file cannot be read as code. */
export async function readImportGraph(root: string, folders: readonly string[]): Promise<ImportGraph> {
  const paths = await sourcesBelow(root, folders);
  const texts = new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  );
  const all = await importsOf(root, new Map([...texts].map(([path, text]) => [path, withTypesKept(text)])));
  const atRunTime = await importsOf(root, texts);
  const edges: ImportEdge[] = [];
  for (const [from, text] of texts) {
    const specifiers = new Set([...(all.get(from) ?? []), ...typeImportsInPlace(text)]);
    for (const specifier of specifiers)
      edges.push({
        from,
        to: target(from, specifier),
        typeOnly: atRunTime.get(from)?.has(specifier) !== true,
      });
  }
  const files = [...texts].map(([path, text]) => ({
    path,
    browser: /\.client\.tsx?$/.test(path) || /^\s*(['"])use client\1/.test(text),
  }));
  return { files, edges };
}
