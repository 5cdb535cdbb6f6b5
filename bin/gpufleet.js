#!/usr/bin/env node
// Plain JavaScript, so that an old Node still reaches the sentence below instead of a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `gpufleet: needs Node 24 or newer, this is ${process.version}; in a checkout, "npx gpufleet" brings its own after "npm ci"\n`,
  );
  process.exit(2);
}
const { keepHeapLean } = await import('./lean-heap.ts');
keepHeapLean(process.argv.slice(2));
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
