/** What of the containers is asked for: those of the chosen hosts, the first thousand. */
export function containersQuery(chosen: {
  readonly group: readonly string[];
  readonly label: readonly string[];
}): string {
  const query = new URLSearchParams({ limit: '1000' });
  for (const group of chosen.group) query.append('group', group);
  for (const label of chosen.label) query.append('label', label);
  return query.toString();
}
