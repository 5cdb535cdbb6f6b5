/** A container as a gRPC API tells it, before it is read as an inspect document is. */
export interface GrpcContainer {
  readonly id: string;
  readonly image: string | null;
  readonly labels: ReadonlyMap<string, string>;
  /** In Docker's words: `running`, `exited` …. */
  readonly state: string;
  readonly pid: number | null;
  readonly createdAt: string | null;
  readonly ociRuntime: string | null;
  /** Its OCI spec; null when not told. */
  readonly spec: unknown;
  /** How it ended; left out while it runs, and where the API does not tell. */
  readonly end?: GrpcContainerEnd;
}

export interface GrpcContainerEnd {
  readonly exitCode: number;
  /** In the runtime's words; null when it says none. */
  readonly error: string | null;
  readonly isOutOfMemory: boolean;
  /** Null: it never started. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, 10_000) : []);

/** Kubernetes, nerdctl and Compose each keep the name in a label of their own. */
const nameLabels = ['io.kubernetes.container.name', 'nerdctl/name'] as const;

/** The same facts in the form of Docker's inspect document, so that they are read in one place. */
export function inspectOf(container: GrpcContainer): unknown {
  const { id, image, labels, state, pid, createdAt, ociRuntime, end } = container;
  const spec = objectOf(container.spec);
  const process = objectOf(spec['process']);
  const [program, ...args] = listOf(process['args']);
  const user = objectOf(process['user'])['uid'];
  const name = nameLabels.map((label) => labels.get(label)).find((each) => each !== undefined);
  const cdi = Object.entries(objectOf(spec['annotations'])).flatMap(([key, value]) =>
    key.startsWith('cdi.k8s.io/') && typeof value === 'string' ? value.split(',') : [],
  );
  return {
    Id: id,
    Name: name ?? null,
    Created: createdAt,
    Path: program ?? null,
    Args: args,
    Config: {
      Image: image,
      Labels: Object.fromEntries(labels),
      Env: listOf(process['env']),
      User: typeof user === 'number' && user !== 0 ? String(user) : null,
    },
    State: { Status: state, Pid: pid ?? 0, ...(end === undefined ? {} : stateOf(end)) },
    Mounts: listOf(spec['mounts']).map((mount) => ({ Source: objectOf(mount)['source'] ?? null })),
    HostConfig: {
      Runtime: ociRuntime,
      DeviceRequests: cdi.length === 0 ? [] : [{ Driver: 'cdi', DeviceIDs: cdi }],
      Devices: listOf(objectOf(spec['linux'])['devices']).map((device) => ({
        PathOnHost: objectOf(device)['path'] ?? null,
      })),
    },
  };
}

const stateOf = ({ exitCode, error, isOutOfMemory, startedAt, finishedAt }: GrpcContainerEnd): Json => ({
  ExitCode: exitCode,
  Error: error ?? '',
  OOMKilled: isOutOfMemory,
  StartedAt: startedAt,
  FinishedAt: finishedAt,
});

/** Null where the text is no JSON. */
export function jsonOf(bytes: Uint8Array | string | null): unknown {
  if (bytes === null) return null;
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** protobuf's Timestamp, or nanoseconds since 1970. */
export function isoOfSeconds(seconds: number | null): string | null {
  return seconds === null || seconds <= 0 || seconds > 8e12 ? null : new Date(seconds * 1000).toISOString();
}
