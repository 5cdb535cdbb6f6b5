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

/**
 * Why Slurm gives a node no new work, from the same text: `drained`, `draining`, `maint` …; null while it does, or where
 * the text tells no node. Slurm's own signs behind a state (`*`, `~`) are left out.
 */
export function parseSlurmOutOfService(text: string): string | null {
  const head = text.slice(0, 65_536);
  if (!/^NodeName=\S/m.test(head)) return null;
  const told = /(?:^|\s)State=(\S{1,200})(?:\s|$)/m.exec(head)?.[1]?.toLowerCase() ?? '';
  const flags = told.split('+').map((flag) => flag.replace(/[^a-z_]+$/, ''));
  const isDraining = flags.some((flag) => /^drain/.test(flag));
  if (isDraining)
    return flags.includes('idle') || flags.includes('down') || flags.includes('drained')
      ? 'drained'
      : 'draining';
  return flags.some((flag) => flag === 'maint' || flag === 'maintenance') ? 'maint' : null;
}
