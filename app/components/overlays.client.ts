/** Opens an overlay from anywhere on the page; the overlay listens for its event. */
export const searchEvent = 'gpufleet:search';
export const helpEvent = 'gpufleet:help';

export function openSearch(): void {
  dispatchEvent(new Event(searchEvent));
}

export function openHelp(): void {
  dispatchEvent(new Event(helpEvent));
}
