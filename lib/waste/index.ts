export { freshShare, type OwnerReading, ownerReadings } from './account.ts';
export { wasteDefinitions } from './definitions.ts';
export { monthOf, readMonth } from './month.ts';
export { type Account, wasteReport } from './report.ts';
