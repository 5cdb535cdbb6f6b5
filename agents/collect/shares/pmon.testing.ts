/** What `nvidia-smi pmon -s u` prints at its start. */
export const head = [
  '# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command ',
  '# Idx           #    C/G      %      %      %      %      %      %    name ',
];
/** One process of it; `-` is what it prints where it knows nothing. */
export const row = (gpu: number, pid: number | '-', sm: number | '-', enc: number | '-' = '-'): string =>
  `    ${gpu}      ${pid}     C     ${sm}      1     ${enc}      -      -      -    python         `;
