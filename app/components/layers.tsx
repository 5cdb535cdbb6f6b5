import clsx from 'clsx';
import { ArrowLeft, ArrowUp, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { type FacetName, type FacetSection, facetShapes } from '../../lib/model/index.ts';

export type LayerName = 'driver' | 'toolkit' | 'container';

const layerTitles: Readonly<Record<LayerName, string>> = {
  driver: 'Host driver',
  toolkit: 'Container toolkit',
  container: "Container's CUDA",
};
const order: readonly LayerName[] = ['driver', 'toolkit', 'container'];

/** The layer that a facet of the host belongs to; null: to none of them. */
export const layerOf = (facet: FacetName): LayerName | null =>
  facet === 'kernel' || facet === 'nouveau' ? 'driver' : layerOfSection[facetShapes[facet].section];

const layerOfSection: Readonly<Record<FacetSection, LayerName | null>> = {
  driver: 'driver',
  containers: 'toolkit',
  gpus: null,
  system: null,
};

interface LayersProps {
  /** One or two short lines a layer. */
  readonly layers: Readonly<Record<LayerName, ReactNode>>;
  /** What is wrong with a layer, in a word or two; a layer left out is not at fault. */
  readonly faults?: Readonly<Partial<Record<LayerName, string>>>;
}

/** What a container stands on, each layer resting on the one before. A layer at fault has a shape, a word and a heavy edge. */
export function Layers({ layers, faults = {} }: LayersProps) {
  return (
    <ol aria-label="Layers, each resting on the one before" className="flex flex-col gap-1 sm:flex-row">
      {order.map((name, index) => {
        const fault = faults[name];
        return (
          <li
            key={name}
            data-layer={name}
            data-fault={fault !== undefined}
            className="flex min-w-0 flex-col gap-1 sm:flex-1 sm:flex-row sm:items-center"
          >
            {index === 0 ? null : (
              <span aria-hidden className="self-center text-faint">
                <ArrowUp className="size-4 sm:hidden" />
                <ArrowLeft className="size-4 max-sm:hidden" />
              </span>
            )}
            <div
              className={clsx(
                'min-w-0 self-stretch rounded-md border px-3 py-1.5 sm:flex-1',
                fault === undefined ? 'border-line' : 'border-2 border-warn bg-warn-bg',
              )}
            >
              <p className="flex flex-wrap items-baseline justify-between gap-x-2 text-xs text-muted">
                {layerTitles[name]}
                {fault === undefined ? null : (
                  <span className="inline-flex items-baseline gap-1 font-medium text-warn">
                    <TriangleAlert className="size-3.5 translate-y-[0.15rem]" aria-hidden />
                    {fault}
                  </span>
                )}
              </p>
              <div className="break-words">{layers[name]}</div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
