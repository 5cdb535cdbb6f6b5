import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostFolder } from '../agents/access/simulated/hosts/write/host-folder.ts';
import { ownHosts } from '../agents/access/simulated/hosts/write/own-hosts.ts';

// Writes the recorded hosts of our own making anew; a test compares them with what this writes.
const base = new URL('../agents/access/simulated/hosts/', import.meta.url).pathname;
for (const host of ownHosts) {
  rmSync(join(base, host.name), { recursive: true, force: true });
  for (const [file, text] of hostFolder(host)) {
    const path = join(base, host.name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  process.stdout.write(`${host.name}\n`);
}
