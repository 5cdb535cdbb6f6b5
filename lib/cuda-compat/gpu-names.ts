import type { CompatGpu, GpuProductClass } from '../model/index.ts';
import type { CompatData } from './data/index.ts';
import type { ProductRow } from './data/rows.ts';

const vendorWords = new Set(['nvidia', 'tesla', 'grid', 'geforce', 'graphics', 'device']);

const wordsOf = (name: string): readonly string[] =>
  name
    .toLowerCase()
    .replace(/\((?:tm|r|nvgpu)\)/g, '')
    .split(/[\s\-_/(),]+/)
    .filter((word) => word !== '' && !vendorWords.has(word));

interface Pattern {
  readonly words: readonly string[];
  readonly row: ProductRow;
}

const patterns = new WeakMap<readonly ProductRow[], readonly Pattern[]>();

/** Longest first: `RTX 6000 Ada` before what is only `RTX 6000`. */
function patternsOf(rows: readonly ProductRow[]): readonly Pattern[] {
  const known = patterns.get(rows);
  if (known !== undefined) return known;
  const made = rows
    .flatMap((row) => row.names.split(' | ').map((name) => ({ words: wordsOf(name), row })))
    .sort((a, b) => b.words.length - a.words.length);
  patterns.set(rows, made);
  return made;
}

const matches = (pattern: string, word: string | undefined): boolean => {
  if (word === undefined) return false;
  if (!pattern.includes('#')) return pattern === word;
  const [before = '', after = ''] = pattern.split('#');
  return word.startsWith(before) && word.endsWith(after) && /^\d+[a-z]?$/.test(word.slice(before.length));
};

/** The product that a GPU's name stands for; null: in no table. Pure, and slow enough to be remembered by the caller. */
export function productOf({ products }: Pick<CompatData, 'products'>, name: string): ProductRow | null {
  const words = wordsOf(name);
  const found = patternsOf(products).find((pattern) =>
    pattern.words.every((word, at) => matches(word, words[at])),
  );
  return found?.row ?? null;
}

/** What NVML's brand says of the class; null: nothing. */
export function classOfBrand(brand: string): GpuProductClass | null {
  const word = brandWord(brand);
  if (word === 'tesla') return 'data-center';
  if (word.startsWith('geforce') || word.startsWith('titan')) return 'geforce';
  if (word.startsWith('quadro') || word === 'nvidiartx') return 'workstation';
  return null;
}

/** As the toolkit compares brands: `NVIDIA RTX` is `nvidiartx`. */
export function brandWord(brand: string): string {
  const known = brandWords.get(brand);
  if (known !== undefined) return known;
  const word = brand.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (brandWords.size < 1000) brandWords.set(brand, word);
  return word;
}

const brandWords = new Map<string, string>();

/** The class that every product of a compute capability is of; null: there are several, or none. */
export function classOfCapability({ products }: Pick<CompatData, 'products'>, computeCapability: string) {
  const classes = new Set(
    products.filter((row) => row.computeCapability === computeCapability).map((row) => row.productClass),
  );
  return classes.size === 1 ? ([...classes][0] ?? null) : null;
}

/** What NVML may call a GPU whose brand nobody told; null: anything. */
export function brandsOf(gpu: Pick<CompatGpu, 'name'>, productClass: GpuProductClass | null) {
  switch (productClass) {
    case 'data-center':
      return ['tesla', 'nvidia'];
    case 'workstation':
      return ['quadro', 'quadrortx', 'nvidiartx', 'nvidia'];
    case 'geforce':
      return /titan/i.test(gpu.name ?? '') ? ['titan', 'titanrtx'] : ['geforce', 'geforcertx'];
    default:
      return null;
  }
}
