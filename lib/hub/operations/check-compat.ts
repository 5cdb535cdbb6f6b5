import { faultsOf, faultText, parseRequirement } from '../../cuda-compat/index.ts';
import type {
  CompatCheckAnswer,
  CompatCheckRequest,
  CompatContainer,
  CompatImage,
} from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { checkOn } from '../compat/check.ts';
import { fleetImages, imagesNamed } from '../compat/images.ts';
import { imageFromRegistry } from '../compat/registry.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';
import { selectedHosts } from './get-compat.ts';

const nothing: CompatContainer = {
  cuda: null,
  cudaVersionVariable: null,
  requirements: [],
  disableRequire: null,
  compatPackage: null,
  driverCapabilities: null,
  injection: null,
  hasPtx: null,
};

interface Found {
  readonly image: CompatImage | null;
  readonly container: CompatContainer;
}

async function findImage(context: HubContext, reference: string | undefined): Promise<Found> {
  if (reference === undefined) return { image: null, container: nothing };
  const [first] = imagesNamed(fleetImages(context.fleet), reference);
  if (first === undefined) return imageFromRegistry(reference, context.config.imageRegistry);
  return {
    image: { reference, digest: first.imageId, from: 'fleet' },
    container: first.container,
  };
}

/** A requirement that cannot be read is refused with the place, as the toolkit would refuse the container. */
function requireReadable(requirement: string): void {
  const [fault] = faultsOf(parseRequirement(requirement));
  if (fault === undefined) return;
  throw new HubError('unprocessable', 'Fields are not as they should be.', {
    errors: [{ pointer: '/require', detail: faultText(fault) }],
  });
}

/** What a request says wins over what its image says. */
function asked(container: CompatContainer, request: CompatCheckRequest): CompatContainer {
  const { require, cuda, compat, driverCapabilities, injection } = request;
  return {
    ...container,
    ...(cuda === undefined ? {} : { cuda: { version: cuda, from: 'given' as const } }),
    ...(require === undefined ? {} : { requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: require }] }),
    ...(compat === undefined ? {} : { compatPackage: compatOf(compat) }),
    ...(driverCapabilities === undefined ? {} : { driverCapabilities }),
    injection: injection ?? null,
  };
}

const compatOf = (compat: string): CompatContainer['compatPackage'] =>
  compat === 'none'
    ? 'none'
    : { cudaVersion: compat, driverVersion: null, driverBranches: null, isUsed: null };

/** Which hosts can run an image or a requirement, best first; hosts that do not report are left out. */
export async function checkCompat(
  actor: Actor,
  context: HubContext,
  request: CompatCheckRequest,
): Promise<CompatCheckAnswer> {
  requireRole(actor, 'viewer');
  if (request.require !== undefined) requireReadable(request.require);
  const { image, container: own } = await findImage(context, request.image);
  const container = asked(own, request);
  const { group, label } = request;
  const selection = { ...(group === undefined ? {} : { group }), ...(label === undefined ? {} : { label }) };
  const hosts = selectedHosts(context, selection).filter(({ host }) => host.state !== 'gone');
  const { hostsByVerdict, outcomes } = checkOn(
    context.compat.judge,
    container,
    hosts,
    request.toolkit ?? null,
  );
  return { image, container, hostsByVerdict, outcomes };
}
