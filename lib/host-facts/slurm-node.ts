/**
 * Partitions of a node as `scontrol show node NAME` tells them, in its order; null when the text tells no node, and
 * none when the node is in no partition.
 */
export function parseSlurmPartitions(text: string): readonly string[] | null {
  const head = text.slice(0, 65_536);
  if (!/^NodeName=\S/m.test(head)) return null;
  const told = /(?:^|\s)Partitions=(\S{1,4096})(?:\s|$)/m.exec(head)?.[1];
  if (told === undefined || told === '(null)') return [];
  return told.split(',').filter((name) => name !== '');
}
