import { durationBetween, integerBetween, parseAmount, parseCurrency, value } from './read-settings.ts';

/** Owners of GPUs: what their time costs, when they count as idle, how many /metrics tells; a part of the hub's settings. */
export const wasteSettings = {
  idleAfter: value(durationBetween('1m', '1d'), 900, {
    placeholder: 'TIME',
    help: 'how long an owner must do no work until that counts as idle, in whole minutes (15m)',
  }),
  priceGpuHour: value(parseAmount, null, {
    placeholder: 'AMOUNT',
    help: 'what an hour of a GPU costs, for the waste report',
  }),
  priceKwh: value(parseAmount, null, {
    placeholder: 'AMOUNT',
    help: 'what a kilowatt-hour costs, for the waste report',
  }),
  currency: value(parseCurrency, '', {
    placeholder: 'TEXT',
    help: 'what is shown beside amounts, such as EUR',
  }),
  maxOwnersPerGpu: value(integerBetween(1, 1000), 50, {
    placeholder: 'NUMBER',
    help: 'owners of a GPU that /metrics names; the others are summed as "other" (50)',
  }),
};

export interface WasteConfig {
  readonly idleAfterSeconds: number;
  readonly prices: {
    readonly currency: string;
    readonly perGpuHour: number | null;
    readonly perKilowattHour: number | null;
  };
  readonly maxOwnersPerGpu: number;
}
