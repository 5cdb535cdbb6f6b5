const longestLine = 1000;
const program = /(?:^|[\s/\\$#%>])nvidia-smi(?:\.exe)?(?=\s|$)/;
/** Signs at which shells wait, `+` of `set -x`, and the head of `watch`. */
const before = /[$#%>»❯➜λ]|^\+{1,5}\s|^Every \d[^\n]{0,20}:/;
/** Copied without its prompt: an option or a subcommand follows, and no sentence. */
const bare =
  /^(?:sudo\s{1,4})?(?:[^\s:]{0,200}[/\\])?nvidia-smi(?:\.exe)?(?:$|\s{1,4}(?:-|(?:dmon|mig|nvlink|pmon|topo|vgpu)(?:\s|$)))/;
const waiting: readonly RegExp[] = [
  /^(?:\([^)\n]{1,60}\)\s?)?\[?[\w.-]{1,64}@[\w.-]{1,253}[ :~][^\n]{0,100}[$#%>]$/,
  /^(?:PS )?[A-Z]:\\[^\n]{0,200}>$/,
  /^[$%❯]$/,
];

/** Whether a line is the one with which a person asked for what stands below it. */
export function isShellCommand(line: string): boolean {
  if (line.length > longestLine) return false;
  const found = program.exec(line);
  if (found === null) return false;
  return before.test(line.slice(0, found.index + 1)) || bare.test(line);
}

/** Whether a line is a shell's that waits for the next one. */
export const isWaitingShell = (line: string): boolean =>
  line.length <= longestLine && waiting.some((form) => form.test(line));
