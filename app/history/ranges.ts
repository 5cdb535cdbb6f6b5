export interface HistoryRange {
  readonly seconds: number;
  /** About 180 to 360 points, whatever the range. */
  readonly stepSeconds: number;
  /** How often its tail is asked for again. */
  readonly refreshSeconds: number;
}

export const rangeNames = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export type RangeName = (typeof rangeNames)[number];

export const ranges: Readonly<Record<RangeName, HistoryRange>> = {
  '15m': { seconds: 900, stepSeconds: 5, refreshSeconds: 10 },
  '1h': { seconds: 3_600, stepSeconds: 15, refreshSeconds: 15 },
  '6h': { seconds: 21_600, stepSeconds: 60, refreshSeconds: 60 },
  '24h': { seconds: 86_400, stepSeconds: 300, refreshSeconds: 60 },
  '7d': { seconds: 604_800, stepSeconds: 1_800, refreshSeconds: 300 },
  '30d': { seconds: 2_592_000, stepSeconds: 7_200, refreshSeconds: 300 },
};
