import { createReadStream, existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inMebibytes } from '../../lib/backup/disk.ts';
import { secretKeyFile } from '../../lib/backup/manifest.ts';
import { restoreBackup } from '../../lib/backup/restore-backup.ts';
import { takeBackup } from '../../lib/backup/take-backup.ts';
import { loadHubConfig } from '../../lib/config/hub-config.ts';
import { hubDatabases } from '../../lib/hub/data-folder.ts';
import { StoreError } from '../../lib/state/state-store.ts';

/** One line on stderr and exit code 2. */
class UsageError extends Error {}

interface Words {
  /** `-` is stdin or stdout. */
  readonly file: string;
  readonly dataFolder: string;
  readonly force: boolean;
  readonly json: boolean;
}

function read(verb: string, argv: readonly string[]): Words {
  const options = {
    data: { type: 'string' },
    force: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parsed(verb, () =>
    parseArgs({ args: [...argv], options, allowPositionals: true }),
  );
  const [file, ...more] = positionals;
  if (file === undefined || file === '' || more.length > 0) throw new UsageError(`${verb}: give one FILE`);
  const loaded = loadHubConfig(values.data === undefined ? [] : ['--data', values.data], 'beside');
  if (!loaded.ok) throw new UsageError(loaded.faults.join('; '));
  return {
    file: file === '-' ? file : resolve(file),
    dataFolder: loaded.config.dataFolder,
    force: values.force,
    json: values.json,
  };
}

function parsed<T>(verb: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${verb}: ${message.split('\n')[0]}`);
  }
}

async function answering(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StoreError)) throw error;
    process.stderr.write(`gpufleet hub: ${error.message}\n`);
    return 2;
  }
}

/** What is half made is removed when the command is ended. */
function untilEnded(): AbortSignal {
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => ended.abort(new UsageError(`ended by ${name}; no backup was made`)));
  return ended.signal;
}

/** What a backup holds, in words: whoever has it must know that secrets are in it. */
export function contentsOf(files: readonly { readonly path: string }[]): string {
  const has = (start: string) => files.some(({ path }) => path.startsWith(start));
  const parts = [
    'state',
    'history',
    ...(has(secretKeyFile) ? [`the key to sealed secrets (${secretKeyFile})`] : []),
    ...(has('tls/') ? ["the hub's TLS keys"] : []),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `gpufleet hub backup FILE`: beside a running hub, or without one. */
export function backupCommand(argv: readonly string[], version: string): Promise<number> {
  return answering(async () => {
    const { file, dataFolder, force, json } = read('backup', argv);
    if (!existsSync(join(dataFolder, 'state.sqlite')))
      throw new UsageError(`no hub has used ${dataFolder} yet; give --data`);
    if (file === '-' && json) throw new UsageError('backup: --json and - both write to stdout');
    if (file === '-' && process.stdout.isTTY) throw new UsageError('backup: - is for a pipe or a file');
    // The hub beside it comes first; with less than this, a busy machine would hardly let a backup end.
    setPriority(5);
    const { manifest, bytes } = await takeBackup({
      dataFolder,
      target: file === '-' ? process.stdout : file,
      replace: force,
      databases: hubDatabases,
      version,
      now: new Date(),
      signal: untilEnded(),
    });
    const line = `${file} (${inMebibytes(bytes)}) holds ${dataFolder} as of ${manifest.takenAt}: ${contentsOf(manifest.files)}\n`;
    if (json) process.stdout.write(`${JSON.stringify({ file, bytes, ...manifest })}\n`);
    else (file === '-' ? process.stderr : process.stdout).write(line);
  });
}

/** `gpufleet hub restore FILE`: into an empty or absent folder. */
export function restoreCommand(argv: readonly string[]): Promise<number> {
  return answering(async () => {
    const { file, dataFolder, force, json } = read('restore', argv);
    if (file !== '-' && !existsSync(file)) throw new UsageError(`restore: there is no ${file}`);
    const { manifest, movedTo } = await restoreBackup({
      source: file === '-' ? process.stdin : createReadStream(file),
      archive: file === '-' ? 'stdin' : file,
      dataFolder,
      force,
      databases: hubDatabases,
      now: new Date(),
    });
    if (json) {
      process.stdout.write(`${JSON.stringify({ dataFolder, movedTo, ...manifest })}\n`);
      return;
    }
    const moved = movedTo === null ? '' : `What was there is in ${movedTo}.\n`;
    const hasAuthority = manifest.files.some(({ path }) => path === 'tls/ca-key.pem');
    const how = hasAuthority ? ' with --tls-auto, as before: agents trust its authority' : '';
    process.stdout.write(
      `${dataFolder} is the hub as of ${manifest.takenAt}. ${moved}Start it${how}. Tokens, sessions and users that were removed since then are back.\n`,
    );
  });
}
