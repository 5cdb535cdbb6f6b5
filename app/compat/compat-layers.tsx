import type { ReactNode } from 'react';
import { type CompatLayer, runsAtAll, type VerdictKind } from '../../lib/model/index.ts';
import { type LayerName, Layers } from '../components/layers.tsx';

interface CompatLayersProps {
  readonly layers: Readonly<Record<LayerName, ReactNode>>;
  readonly verdict: VerdictKind;
  /** Which layer decides; null: none is at fault. */
  readonly layer: CompatLayer | null;
}

/** The driver stands for the GPU that it drives. */
const placeOf = (layer: CompatLayer): LayerName => (layer === 'gpu' ? 'driver' : layer);

function faultWords(verdict: VerdictKind, layer: CompatLayer): string | null {
  if (verdict === 'runs' || verdict === 'unknown') return null;
  if (layer === 'gpu') return 'GPU not supported';
  return runsAtAll({ verdict }) ? 'limits it' : 'stops it';
}

/** The three layers under a container, with the one that stops or limits it marked. */
export function CompatLayers({ layers, verdict, layer }: CompatLayersProps) {
  const words = layer === null ? null : faultWords(verdict, layer);
  return (
    <Layers layers={layers} faults={layer === null || words === null ? {} : { [placeOf(layer)]: words }} />
  );
}
