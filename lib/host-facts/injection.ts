import type { ContainerInjection, Injection } from '../model/index.ts';
import { isVersionFrom } from './dotted-version.ts';
import { type JsonObject, jsonObject } from './json.ts';

/** What of the host decides how a runtime injects. */
export interface InjectionHost {
  readonly toolkitVersion: string | null;
  /** `mode` of nvidia-container-runtime's config.toml; null: not set, or there is no such file. */
  readonly toolkitMode: string | null;
  /** False: the file is there and may not be read, so the mode is not known. */
  readonly isModeKnown: boolean;
  readonly engineVersion: string | null;
}

/** From this version on a runtime in mode `auto` uses CDI (toolkit release notes of 1.18.0). */
const cdiByDefault = '1.18.0';
/** From this version on dockerd serves `--gpus` by CDI where it can (moby pull request 50228). */
const gpusByCdi = '29.0.0';
const cdiName = /^[\w.-]+\/[\w.-]+=.+$/;

const told = (way: Injection, reason: string): ContainerInjection => ({ way, reason });
const unknown = (reason: string): ContainerInjection => ({ way: null, reason });

/**
 * How a container got its GPUs, from its inspect document (Docker's, or Podman's of the same form). Which way it was
 * decides whether anyone checked NVIDIA_REQUIRE_*: the hook and the legacy runtime do, CDI does not.
 */
export function injectionOf(inspect: unknown, host: InjectionHost): ContainerInjection {
  const container = jsonObject(inspect);
  const config = container?.object('HostConfig') ?? null;
  const runtime = config?.text('Runtime') ?? '';
  const requests = requestsOf(config);
  const visible = variableOf(container, 'NVIDIA_VISIBLE_DEVICES');
  const devices = [...requests.cdi, ...deviceNames(config).filter((name) => cdiName.test(name))];
  const named = devices.find((name) => name.startsWith('nvidia.com/'));
  if (named !== undefined) return told('cdi-device', `device ${named}`);
  if (/^nvidia\b/.test(runtime) || runtime.endsWith('nvidia-container-runtime'))
    return ofRuntime(runtime, visible, host);
  if (requests.isGpu) return ofGpusFlag(host);
  const node = deviceNames(config).find((name) => /^\/dev\/nvidia\d/.test(name));
  if (node !== undefined)
    return unknown(`device node ${node} was given by hand, without the toolkit: nobody checks anything`);
  return unknown('the engine was told of no GPU');
}

function ofRuntime(runtime: string, visible: string | null, host: InjectionHost): ContainerInjection {
  const name = runtime.slice(runtime.lastIndexOf('/') + 1);
  if (name.endsWith('-legacy') || name.endsWith('.legacy'))
    return told('runtime-legacy', `runtime ${runtime}`);
  if (name.endsWith('-cdi') || name.endsWith('.cdi')) return told('runtime-cdi', `runtime ${runtime}`);
  const { toolkitMode, toolkitVersion } = host;
  if (!host.isModeKnown)
    return unknown(
      `runtime ${runtime}, and the toolkit's config.toml may not be read, so its mode is not known`,
    );
  switch (toolkitMode) {
    case 'legacy':
      return told('runtime-legacy', `runtime ${runtime}, mode legacy`);
    case 'csv':
      return told('runtime-legacy', `runtime ${runtime}, mode csv, which checks requirements as legacy does`);
    case 'cdi':
    case 'jit-cdi':
      return told('runtime-cdi', `runtime ${runtime}, mode ${toolkitMode}`);
    case 'auto':
    case null:
      break;
    default:
      return unknown(`runtime ${runtime} in a mode that is not known: ${toolkitMode}`);
  }
  if (visible?.split(',').every((each) => cdiName.test(each)) === true)
    return told('runtime-cdi', `runtime ${runtime}, mode auto, and its devices are CDI names`);
  if (toolkitVersion === null)
    return unknown(`runtime ${runtime} in mode auto, and the toolkit's version is not known`);
  return isVersionFrom(toolkitVersion, cdiByDefault)
    ? told('runtime-cdi', `runtime ${runtime}, mode auto of toolkit ${toolkitVersion}`)
    : told('runtime-legacy', `runtime ${runtime}, mode auto of toolkit ${toolkitVersion}`);
}

/** `--gpus` with another runtime than NVIDIA's. */
function ofGpusFlag({ engineVersion }: InjectionHost): ContainerInjection {
  if (engineVersion !== null && !isVersionFrom(engineVersion, gpusByCdi))
    return told('hook', `--gpus of Docker ${engineVersion}`);
  return unknown(
    engineVersion === null
      ? "--gpus, and the engine's version is not known"
      : `--gpus of Docker ${engineVersion}, which uses CDI where it can and the hook elsewhere`,
  );
}

function requestsOf(config: JsonObject | null): { readonly cdi: readonly string[]; readonly isGpu: boolean } {
  const all = config?.objects('DeviceRequests') ?? [];
  const isCdi = (request: JsonObject): boolean => request.text('Driver') === 'cdi';
  return {
    cdi: all.filter(isCdi).flatMap((request) => request.texts('DeviceIDs')),
    isGpu: all.some(
      (request) =>
        !isCdi(request) &&
        (request.text('Driver') === 'nvidia' ||
          JSON.stringify(request.value('Capabilities') ?? '').includes('"gpu"')),
    ),
  };
}

/** Device nodes, and CDI names where Podman puts them. */
function deviceNames(config: JsonObject | null): readonly string[] {
  return (config?.objects('Devices') ?? []).flatMap((device) => device.text('PathOnHost') ?? []);
}

/** Of an environment variable that is set twice the last counts, as it does for the process. */
export function variableOf(container: JsonObject | null, name: string): string | null {
  const set = container
    ?.object('Config')
    ?.texts('Env')
    .findLast((item) => item.startsWith(`${name}=`));
  return set === undefined ? null : set.slice(name.length + 1);
}
