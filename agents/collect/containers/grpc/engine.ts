import type { Problem } from '../../../../lib/model/index.ts';
import type { HostAccess } from '../../../access/host-access.ts';
import { deferred } from '../../../deferred.ts';
import { createPacer } from '../../pacer.ts';
import type { Outcome, Source } from '../../source.ts';
import { createChangeNotice } from '../changes.ts';
import { type EngineContainer, readEngineContainer } from '../engine-container.ts';
import type { Containers, ContainersOptions } from '../index.ts';
import { type GrpcClient, withGrpc } from './call.ts';
import { getContainerd, listContainerd } from './containerd.ts';
import { getCri, listCri } from './cri.ts';
import { createCriEnded } from './cri-ended.ts';
import { type GrpcContainer, inspectOf } from './inspect.ts';

/** How one API lists containers and tells of one. */
interface GrpcApi<Listed extends { readonly state: string }> {
  readonly runtime: string;
  list(client: GrpcClient): Promise<Outcome<ReadonlyMap<string, Listed>>>;
  get(
    client: GrpcClient,
    id: string,
    listed: Listed,
  ): Promise<Outcome<GrpcContainer & { isSandbox?: boolean }>>;
}

const containerd: GrpcApi<{ namespace: string; state: string; pid: number | null }> = {
  runtime: 'containerd',
  list: listContainerd,
  get: getContainerd,
};
const crio: GrpcApi<Parameters<typeof getCri>[2]> = { runtime: 'crio', list: listCri, get: getCri };

export interface GrpcEngineOptions {
  readonly access: HostAccess;
  /** Null: it is not asked. */
  readonly socketPath: string | null;
  readonly source: Source;
  readonly commandLines: boolean;
  readonly environment: boolean;
  readonly injectionHost: NonNullable<ContainersOptions['injectionHost']>;
  readonly onChange?: () => void;
}

/** Each ask is a session of its own; one that is new on a GPU is asked for at once. */
const intervalSeconds = 30;
/** A host without it is asked seldom: nobody installs one every minute. */
const absentSeconds = 60;
const hurriedSeconds = 0.05;
const mostGetsARound = 100;
const fullId = /^[0-9a-f]{64}$/;

export const createContainerd = (options: GrpcEngineOptions): Containers => createEngine(options, containerd);
export const createCrio = (options: GrpcEngineOptions): Containers => createEngine(options, crio);

/** An engine behind gRPC, on a loop of its own, as Docker's is. One session a round; a hung one costs no other. */
function createEngine<Listed extends { readonly state: string }>(
  options: GrpcEngineOptions,
  api: GrpcApi<Listed>,
): Containers {
  const { access, socketPath, source } = options;
  let known = new Map<string, EngineContainer>();
  /** What is no container (a pod's sandbox), or was told wrong: not asked again while it lives. */
  let passed = new Map<string, readonly Problem[]>();
  let gone: ReadonlySet<string> = new Set();
  let podLabels = new Map<string, ReadonlyMap<string, string>>();
  let needed: ReadonlySet<string> = new Set();
  let isReachable = false;
  let round = deferred<void>();
  const isUnasked = (id: string): boolean =>
    fullId.test(id) && !known.has(id) && !passed.has(id) && !gone.has(id);

  const readTold = async (told: GrpcContainer) => {
    const host = { ...(await options.injectionHost()), engineVersion: null };
    const { commandLines, environment } = options;
    return readEngineContainer(inspectOf(told), host, { runtime: api.runtime, commandLines, environment });
  };
  // containerd speaks CRI on the same socket, and only there tells why a pod's container ended.
  const ended = createCriEnded(async (told) => (await readTold(told)).engine);
  const take = async (id: string, told: GrpcContainer & { isSandbox?: boolean }): Promise<void> => {
    const uid = told.labels.get('io.kubernetes.pod.uid') ?? '';
    if (told.isSandbox === true) {
      podLabels.set(uid, told.labels);
      passed.set(id, []);
      return;
    }
    const labels = new Map([...(podLabels.get(uid) ?? []), ...told.labels]);
    const read = await readTold({ ...told, labels });
    if (read.engine === null) passed.set(id, read.problems);
    else known.set(id, read.engine);
  };
  const askAll = (client: GrpcClient): Promise<Outcome<null>> =>
    api.list(client).then(async (list) => {
      if (list.state !== 'ok') return list;
      const isListed = ([id]: readonly [string, unknown]): boolean => list.value.has(id);
      known = new Map(
        [...known].filter(isListed).map(([id, each]) => [id, withState(each, list.value.get(id))]),
      );
      passed = new Map([...passed].filter(isListed));
      gone = new Set([...needed].filter((id) => !list.value.has(id)));
      const news = [...list.value].filter(([id]) => isUnasked(id));
      news.sort(([a], [b]) => Number(needed.has(b)) - Number(needed.has(a)));
      for (const [id, listed] of news.slice(0, mostGetsARound)) {
        const told = await api.get(client, id, listed);
        if (told.state === 'ok') await take(id, told.value);
        else if (told.state === 'absent') passed.set(id, []);
        else return told;
      }
      await ended.round(client);
      return { state: 'ok', value: null };
    });
  const noteChanges = createChangeNotice<EngineContainer>(options.onChange);
  const pacer = createPacer(async () => {
    if (socketPath === null) return 3600;
    const outcome = await source.measure(socketPath, () => withGrpc(access, socketPath, askAll));
    isReachable = outcome.state === 'ok';
    if (!isReachable) {
      known = new Map([...known].filter(([id]) => needed.has(id)).map(([id, each]) => [id, withState(each)]));
      passed = new Map();
      podLabels = new Map();
    }
    noteChanges(known);
    round.resolve();
    round = deferred();
    if (isReachable && [...needed].some(isUnasked)) return hurriedSeconds;
    return outcome.state === 'absent' ? absentSeconds : intervalSeconds;
  });
  return {
    start: () => pacer.start(),
    need(ids) {
      needed = new Set(ids);
      if (isReachable && ids.some(isUnasked)) pacer.hurry(hurriedSeconds);
    },
    async caughtUp() {
      if (isReachable && [...needed].some(isUnasked)) await round.promise;
    },
    get known() {
      return known;
    },
    get problems() {
      return [...[...known.values()].flatMap((each) => each.problems), ...[...passed.values()].flat()];
    },
    engineVersion: null,
    get failed() {
      return ended.failed;
    },
    stop: () => pacer.stop(),
  };
}

/** Its state as listed now; null when nobody tells it any more. */
function withState(each: EngineContainer, listed?: { readonly state: string }): EngineContainer {
  const state = listed?.state ?? null;
  return each.facts.state === state ? each : { ...each, facts: { ...each.facts, state } };
}
