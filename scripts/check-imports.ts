import { readImportGraph } from './import-graph.ts';
import { findViolations } from './import-rules.ts';

const root = process.argv[2] ?? new URL('..', import.meta.url).pathname;
const graph = await readImportGraph(root, ['lib', 'agents', 'app', 'bin']);
const violations = findViolations(graph);
for (const { edge, path, because } of violations) {
  const way = path.length > 1 ? ` (from ${path[0]}, by way of ${path.slice(1).join(', ')})` : '';
  console.error(`${edge.from} imports ${edge.to}${way}: ${because}`);
}
if (graph.files.length === 0) console.error(`no source files below ${root}`);
console.error(
  `${graph.files.length} files, ${graph.edges.length} imports, ${violations.length} against the rules`,
);
process.exit(violations.length > 0 || graph.files.length === 0 ? 1 : 0);
