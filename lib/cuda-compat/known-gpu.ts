import type { CompatGpu, GpuProductClass } from '../model/index.ts';
import type { ModuleNeed, ProductRow } from './data/rows.ts';
import { brandsOf, brandWord, classOfBrand, classOfCapability, productOf } from './gpu-names.ts';
import type { Reasoning } from './reasoning.ts';

/** A GPU with what the tables add to what is told of it. Read on demand, so that a step names what it needed. */
export interface KnownGpu {
  readonly told: CompatGpu;
  computeCapability(): string | null;
  productClass(): GpuProductClass | null;
  /** Which kernel modules its own product needs; null: those of its architecture. */
  modules(): ModuleNeed | null;
}

const kept = new WeakMap<readonly ProductRow[], Map<string, ProductRow | null>>();

/** Names repeat over a fleet; looking one up is slow. */
function productNamed(r: Reasoning, name: string): ProductRow | null {
  const { products } = r.tables.data;
  const known = kept.get(products) ?? new Map<string, ProductRow | null>();
  kept.set(products, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = productOf(r.tables.data, name);
  if (known.size < 10_000) known.set(name, made);
  return made;
}

function knownGpu(r: Reasoning, told: CompatGpu): KnownGpu {
  const product = (): ProductRow | null => {
    const name = r.gpu(told, 'name');
    return name === null ? null : productNamed(r, name);
  };
  return {
    told,
    computeCapability: () => r.gpu(told, 'computeCapability') ?? product()?.computeCapability ?? null,
    modules: () => product()?.modules ?? null,
    productClass() {
      const given = r.gpu(told, 'productClass') ?? product()?.productClass ?? null;
      if (given !== null) return given;
      const brand = r.gpu(told, 'brand');
      const byBrand = brand === null ? null : classOfBrand(brand);
      if (byBrand !== null) return byBrand;
      const computeCapability = r.gpu(told, 'computeCapability');
      return computeCapability === null ? null : classOfCapability(r.tables.data, computeCapability);
    },
  };
}

const kinds = new WeakMap<readonly CompatGpu[], readonly CompatGpu[]>();

/** The GPUs that differ; eight of a kind are judged once. */
export function knownGpus(r: Reasoning, gpus: readonly CompatGpu[]): readonly KnownGpu[] {
  let differing = kinds.get(gpus);
  if (differing === undefined) {
    const byKind = new Map(gpus.map((gpu) => [kindOf(gpu), gpu]));
    differing = [...byKind.values()];
    kinds.set(gpus, differing);
  }
  return differing.map((gpu) => knownGpu(r, gpu));
}

const kindOf = ({ name, computeCapability, brand, productClass, migEnabled }: CompatGpu): string =>
  `${name}|${computeCapability}|${brand}|${productClass}|${migEnabled}`;

/** What NVML may call it; null: anything. */
export function brandOptions(r: Reasoning, gpu: KnownGpu): readonly string[] | null {
  const brand = r.gpu(gpu.told, 'brand');
  if (brand !== null) return [brandWord(brand)];
  return brandsOf({ name: r.gpu(gpu.told, 'name') }, gpu.productClass());
}

/** For people: its name, else what is known of it. */
export function describeGpu({ told }: KnownGpu): string {
  if (told.name !== null) return told.name;
  return told.computeCapability === null
    ? 'a GPU of unknown kind'
    : `a GPU of compute capability ${told.computeCapability}`;
}
