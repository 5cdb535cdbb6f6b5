/** Of a file or folder that was to be read or written, by errno. */
const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'is a directory',
  ENOSPC: 'no space is left on the disk',
  EROFS: 'is on a disk that is read-only',
  ELOOP: 'leads through links that go round',
};

/** Why a file could not be read or written, in words to put after its path. */
export function fileFault(error: unknown): string {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return faults[code ?? ''] ?? message ?? String(error);
}
