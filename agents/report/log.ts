/** One line for a person, without time and name. */
export type Log = (line: string) => void;

/** To stderr, with the time; the same line again and again is written once. */
export function createLog(write: (text: string) => void = (text) => process.stderr.write(text)): Log {
  let last = '';
  return (line) => {
    if (line === last) return;
    last = line;
    write(`${new Date().toISOString()} gpufleet agent: ${line}\n`);
  };
}
