import type { AskedGrant } from '../model/index.ts';
import { type JsonObject, jsonObject } from './json.ts';

const mostDevices = 256;
const longestDevice = 256;

const cdiName = /^nvidia\.com\/(?:gpu|mig)=(.+)$/;
/** `/dev/nvidia0`; `/dev/nvidiactl` and the like are of no particular GPU. */
const gpuNode = /^\/dev\/nvidia\d{1,5}$/;

const grant = (
  by: AskedGrant['by'],
  devices: readonly string[],
  rest: Partial<AskedGrant> = {},
): AskedGrant => ({
  by,
  all: false,
  count: null,
  devices: devices.slice(0, mostDevices).map((device) => device.slice(0, longestDevice)),
  ...rest,
});

const memberOf = (object: JsonObject | null, key: string): unknown =>
  new Map(object?.entries() ?? []).get(key);
const listOf = (object: JsonObject | null, key: string): JsonObject[] => {
  const list = memberOf(object, key);
  return Array.isArray(list) ? list.slice(0, mostDevices).flatMap((item) => jsonObject(item) ?? []) : [];
};

/** What an inspect document of Docker or Podman says was asked for; null when no GPU was. Never throws. */
export function askedOfEngine(inspect: JsonObject): AskedGrant | null {
  const host = inspect.object('HostConfig');
  const config = inspect.object('Config');
  for (const request of listOf(host, 'DeviceRequests')) {
    const asked = ofRequest(request);
    if (asked !== null) return asked;
  }
  // Podman keeps CDI names only in the command that made the container.
  const named = ofCdiNames(optionValues(config?.texts('CreateCommand') ?? [], ['--device', '--gpus']));
  if (named !== null) return named;
  const runtime = host?.text('Runtime') ?? inspect.text('OCIRuntime') ?? '';
  // With any other runtime the variable does nothing; NVIDIA's images set it for all.
  const asked = /nvidia/i.test(runtime) ? ofVariable(config?.texts('Env') ?? []) : null;
  return asked ?? ofNodes(listOf(host, 'Devices').map((device) => device.text('PathOnHost') ?? ''));
}

function ofRequest(request: JsonObject): AskedGrant | null {
  const ids = request.texts('DeviceIDs');
  if (request.text('Driver') === 'cdi') return ofCdiNames(ids);
  const capabilities = JSON.stringify(memberOf(request, 'Capabilities') ?? []);
  if (request.text('Driver') !== 'nvidia' && !capabilities.includes('"gpu"')) return null;
  if (ids.length > 0) return grant('device-request', ids, { all: ids.includes('all') });
  const count = memberOf(request, 'Count');
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count === 0) return null;
  return grant('device-request', [], count < 0 ? { all: true } : { count: Math.min(count, 65_535) });
}

function ofCdiNames(names: readonly string[]): AskedGrant | null {
  const devices = names.filter((name) => cdiName.test(name) || name === 'all');
  if (devices.length === 0) return null;
  return grant('cdi', devices, { all: devices.some((name) => /(?:^|=)all$/.test(name)) });
}

/** Values of options, in both their forms. */
function optionValues(args: readonly string[], options: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    if (options.includes(arg)) return [args[at + 1] ?? ''];
    const option = options.find((each) => arg.startsWith(`${each}=`));
    return option === undefined ? [] : [arg.slice(option.length + 1)];
  });
}

/** `NVIDIA_VISIBLE_DEVICES`: `all`, names, or `void`, `none` and nothing, which give none. Of two the last counts. */
export function ofVariable(environment: readonly string[]): AskedGrant | null {
  const set = environment.findLast((item) => item.startsWith('NVIDIA_VISIBLE_DEVICES='));
  const names = (set?.slice('NVIDIA_VISIBLE_DEVICES='.length) ?? '').split(',').map((name) => name.trim());
  const devices = names.filter((name) => !['', 'void', 'none'].includes(name));
  return devices.length === 0 ? null : grant('environment', devices, { all: devices.includes('all') });
}

export function ofNodes(paths: readonly string[]): AskedGrant | null {
  const devices = paths.filter((path) => gpuNode.test(path));
  return devices.length === 0 ? null : grant('device-nodes', devices);
}

/** What an OCI runtime's spec says was given: CDI names in annotations, the variable, or device nodes. Never throws. */
export function askedOfSpec(value: unknown): AskedGrant | null {
  const spec = jsonObject(value);
  const annotations = (spec?.object('annotations')?.entries() ?? []).flatMap(([key, text]) =>
    key.startsWith('cdi.k8s.io/') && typeof text === 'string' ? text.split(',') : [],
  );
  const nodes = listOf(spec?.object('linux') ?? null, 'devices').map((device) => device.text('path') ?? '');
  return ofCdiNames(annotations) ?? ofNodes(nodes) ?? ofVariable(spec?.object('process')?.texts('env') ?? []);
}
