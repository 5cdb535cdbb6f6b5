#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Plays a recorded host as nvidia-smi. Plain JavaScript, so that an old Node still reaches the sentence below.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(`nvidia-smi-player: needs Node 24 or newer, this is ${process.version}\n`);
  process.exit(2);
}
// Halves the start: most of it is compiling.
nodeModule.enableCompileCache?.();
const { playExecutable } = await import('../agents/access/simulated/player/executable.ts');
// biome-ignore lint/style/noProcessEnv: a program of its own, which must start fast: lib/config is not loaded.
playExecutable(process.argv.slice(2), process.env['GPUFLEET_PLAYER']);
