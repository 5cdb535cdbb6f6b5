import { z } from 'zod';
import { StoreError } from '../state/state-store.ts';

/** First in the archive, so that a backup that does not fit is refused before anything of it is unpacked. */
export const manifestName = 'gpufleet-backup.json';
export const maxManifestBytes = 65_536;
const newestFormat = 1;

/** Opens the secrets in the state: SSH keys, and where and how channels are told. Its name is of when it was for SSH alone. */
export const secretKeyFile = 'ssh-secret.key';

/** Keys of a hub. Agents pin its TLS authority, and its state holds secrets sealed: a restored hub needs all of them. */
export const keyFiles = [
  'tls/ca.pem',
  'tls/ca-key.pem',
  'tls/server.pem',
  'tls/server-key.pem',
  secretKeyFile,
] as const;

/** A database of the hub, as this gpufleet knows it. */
export interface KnownDatabase {
  readonly name: string;
  /** Four letters that mark the file as ours. */
  readonly kind: string;
  readonly schema: number;
}

export interface BackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of a database; null for other files. */
  readonly schema: number | null;
}

export interface Manifest {
  readonly format: number;
  /** The gpufleet that made it. */
  readonly version: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly files: readonly BackedFile[];
}

const manifestSchema: z.ZodType<Manifest> = z.object({
  format: z.literal(newestFormat),
  version: z.string().max(100),
  takenAt: z.iso.datetime(),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      schema: z.int().positive().nullable(),
    }),
  ),
});

export function makeManifest(made: Omit<Manifest, 'format'>): string {
  const manifest: Manifest = { format: newestFormat, ...made };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Throws StoreError, one line that begins with `archive`. */
export function readManifest(text: string, known: readonly KnownDatabase[], archive: string): Manifest {
  const raw = parseJson(text);
  const format = z.object({ format: z.int() }).safeParse(raw);
  const version = z.object({ version: z.string().max(100) }).safeParse(raw).data?.version ?? 'unknown';
  if (format.success && format.data.format > newestFormat)
    throw newer(archive, version, `format ${format.data.format}; this one knows ${newestFormat}`);
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StoreError(
      'corrupt',
      `${archive}: ${manifestName} cannot be read (${issue?.path.join('.') || 'it'}: ${issue?.message})`,
    );
  }
  checkFiles(parsed.data, known, archive);
  return parsed.data;
}

function checkFiles({ files, version }: Manifest, known: readonly KnownDatabase[], archive: string): void {
  for (const { path, schema } of files) {
    const database = known.find(({ name }) => name === path);
    if (database === undefined && !keyFiles.some((name) => name === path))
      throw new StoreError(
        'corrupt',
        `${archive}: it names ${JSON.stringify(path)}, which is no file of a hub; nothing was restored`,
      );
    if (database !== undefined && (schema ?? 0) > database.schema)
      throw newer(archive, version, `schema ${schema} of ${path}; this one knows ${database.schema}`);
    if (database !== undefined && schema === null)
      throw new StoreError('corrupt', `${archive}: it does not say which schema ${path} has`);
  }
  for (const { name } of known)
    if (files.filter(({ path }) => path === name).length !== 1)
      throw new StoreError('corrupt', `${archive}: it does not hold ${name} once; nothing was restored`);
  if (new Set(files.map(({ path }) => path)).size !== files.length)
    throw new StoreError('corrupt', `${archive}: it names a file twice; nothing was restored`);
}

const newer = (archive: string, version: string, what: string): StoreError =>
  new StoreError(
    'newer-schema',
    `${archive} was made by a newer gpufleet (${version}; ${what}): update gpufleet first`,
  );

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
