/** Where one value was read, and what stood there. */
export interface RawText {
  /** A column of nvidia-smi's query, an element of its XML (below <gpu>, or from the root with `/`), a file, a program. */
  readonly form: 'query' | 'xml' | 'file' | 'command';
  /** Column, path of the element, path of the file, or command line. Several that are added up are joined by ` + `. */
  readonly name: string;
  /** As printed, cut when it is long. */
  readonly text: string;
}

/** By the dotted name of the field: `power.drawWatts`, `migDevices.0.memory.usedBytes`, rawProcessField(…). */
export type RawFields = Readonly<Record<string, RawText>>;

/** What a report was read from. Sent only while the hub asks for it, kept only until the next report. */
export interface RawReading {
  /** Sequence of the report that it belongs to. */
  readonly sequence: number;
  /** By the GPU's uuid. */
  readonly gpus: Readonly<Record<string, RawFields>>;
  /** Of the software stack: `kernelDriverVersion`, `cudaVersion` … */
  readonly host: RawFields;
}

/** Raw text of one host's last report: GET /api/v1/hosts/{id}/raw. */
export interface HostRaw {
  /** Of the report that the texts belong to, host clock; null: none is kept, since nobody watches or the agent sends none. */
  readonly takenAt: string | null;
  readonly gpus: RawReading['gpus'];
  readonly host: RawFields;
}

/** Most fields of one reading's raw text, over all GPUs, and most characters of one text. */
export const mostRawFields = 5000;
export const longestRawText = 200;
export const longestRawName = 400;

/** A process's memory; several MIG instances can list the same process. */
export function rawProcessField(process: {
  readonly pid: number;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
}): string {
  const { pid, gpuInstanceId, computeInstanceId } = process;
  return `processes.${pid}.${gpuInstanceId ?? ''}.${computeInstanceId ?? ''}.usedMemoryBytes`;
}

/** Where nvidia-smi tells a field of a GPU, whatever the driver: for the page, and for fields that were not printed. */
export interface FieldOrigin {
  /** Dotted name, as in the API. */
  readonly field: string;
  /** How its text is read: `bytes`, `ratio`, `watts`, `text` … */
  readonly kind: string;
  /** Columns of `--query-gpu` that we ask for; empty when the query does not tell it. */
  readonly query: readonly string[];
  /** Elements of `-q -x` below <gpu>, the first that tells something winning. */
  readonly xml: readonly string[];
}
