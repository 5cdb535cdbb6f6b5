import type { Failure, Problem } from '../../../lib/model/index.ts';
import {
  createQueryGpuReader,
  isCompleteAnswer,
  parseFailure,
  type QueryGpuRow,
} from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess, StreamEnd } from '../../access/host-access.ts';
import { failureOf, quote, streamFailure } from '../failures.ts';
import type { FailedOutcome } from '../source.ts';
import type { FieldChoice } from './field-choice.ts';
import { startDeadlineSeconds } from './read.ts';

const maxLineBytes = 64 * 1024;
const maxPrintedCharacters = 2000;

/**
 * How long a sample may keep us waiting before the driver is taken to hang: so long that a busy host is not, and with the
 * time that SIGKILL takes within three intervals of the usual 5 s. A little more than two intervals, since a timer of two
 * would wake the agent just before each sample.
 */
export const sampleDeadlineSeconds = (intervalSeconds: number): number => Math.max(2.1 * intervalSeconds, 6);

/** A row of the query as printed, with the columns that were asked for. */
export interface PrintedRow {
  readonly columns: readonly string[];
  readonly line: string;
}

export interface SampleEvents {
  /** `printed` is the line as it came. */
  onRow(row: QueryGpuRow, printed: PrintedRow): void;
  /** A failure told between rows: of one GPU when it names one. */
  onFailure(failure: Failure): void;
}

export interface RunningStream {
  readonly command: string;
  readonly problems: readonly Problem[];
  /** True once a row came. */
  readonly delivered: boolean;
  /** Never rejects. */
  readonly ended: Promise<StreamOutcome>;
  stop(): Promise<void>;
}

/** `sampled`: it was to print one sample and did. `field-refused`: to be started again at once, without the field. */
export type StreamOutcome =
  | { readonly kind: 'stopped' | 'field-refused' | 'sampled' }
  | { readonly kind: 'failed'; readonly outcome: FailedOutcome };

export interface StreamRequest {
  readonly access: HostAccess;
  readonly program: string;
  readonly choice: FieldChoice;
  readonly intervalSeconds: number;
  /** True: prints one sample and ends. */
  readonly once: boolean;
}

/** Starts one `--query-gpu` and reads it until it ends. */
export function startStream(request: StreamRequest, events: SampleEvents): RunningStream {
  const { access, program, choice, intervalSeconds, once } = request;
  const columns = choice.fields;
  const query = [`--query-gpu=${choice.fields.join(',')}`, '--format=csv'];
  const pace = once ? [] : ['-lms', String(Math.round(intervalSeconds * 1000))];
  const stream = access.stream([program, ...query, ...pace], {
    startDeadlineSeconds,
    sampleDeadlineSeconds: sampleDeadlineSeconds(intervalSeconds),
    maxLineBytes,
  });
  const reader = createQueryGpuReader();
  let delivered = false;
  const read = async (): Promise<StreamOutcome> => {
    let refused = false;
    let printed = '';
    for await (const line of stream.lines) {
      const row = reader.push(line);
      if (row !== null) {
        delivered = true;
        events.onRow(row, { columns, line });
        continue;
      }
      const isHead = line.startsWith(`${choice.fields[0]},`);
      if (!isHead && printed.length < maxPrintedCharacters) printed += `${line}\n`;
      refused = choice.leaveOutRefused(line) || refused;
      if (!refused && reader.failure !== null) events.onFailure(reader.failure);
    }
    const end = await stream.ended;
    const answered = end.reason === 'exited' && isCompleteAnswer(end.exitCode);
    if (once && delivered && answered) return { kind: 'sampled' };
    return explainEnd({ program, end, printed, refused });
  };
  return {
    command: [program, ...query, ...pace].join(' '),
    get problems() {
      return reader.problems;
    },
    get delivered() {
      return delivered;
    },
    ended: read(),
    stop: () => stream.stop(),
  };
}

interface Ending {
  readonly program: string;
  readonly end: StreamEnd;
  readonly printed: string;
  readonly refused: boolean;
}

function explainEnd({ program, end, printed, refused }: Ending): StreamOutcome {
  if (end.reason === 'stopped') return { kind: 'stopped' };
  if (refused) return { kind: 'field-refused' };
  const outcome = streamFailure(program, end);
  if (end.reason !== 'exited') return { kind: 'failed', outcome };
  const told = parseFailure(`${printed}\n${end.stderr}`, end.exitCode);
  if (told !== null) return { kind: 'failed', outcome: { state: 'failed', failure: told } };
  const said = quote(`${printed} ${end.stderr}`);
  const message = `${program} ended with exit code ${end.exitCode ?? 'none'}${said === '' ? '' : ` and printed: ${said}`}`;
  return { kind: 'failed', outcome: { state: 'failed', failure: failureOf('unknown-error', message) } };
}
