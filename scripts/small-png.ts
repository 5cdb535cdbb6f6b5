import { deflateSync, inflateSync } from 'node:zlib';

/** Pixels of an image, four bytes each: red, green, blue, opacity. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const mostColours = 256;

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** The guess that filter `kind` makes of a byte from those to the left, above, and above left. */
function guess(kind: number, left: number, up: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  if (kind !== 4) return 0;
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Reads what a browser writes: 8 bits a channel, RGB or RGBA, not interlaced. Throws for anything else. */
export function readPng(png: Buffer): Pixels {
  const chunks = chunksOf(png);
  const head = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (head === undefined || head[8] !== 8 || (head[9] !== 2 && head[9] !== 6) || head[12] !== 0)
    throw new Error('no PNG of 8 bits a channel, RGB or RGBA');
  const [width, height, channels] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const packed = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)),
  );
  const stride = width * channels;
  const rgba = new Uint8Array(width * height * 4).fill(255);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y += 1) {
    const from = y * (stride + 1);
    const kind = packed[from] ?? 0;
    const row = new Uint8Array(stride);
    for (let x = 0; x < stride; x += 1) {
      const isFirst = x < channels;
      const left = isFirst ? 0 : (row[x - channels] ?? 0);
      const corner = isFirst ? 0 : (above[x - channels] ?? 0);
      const value = ((packed[from + 1 + x] ?? 0) + guess(kind, left, above[x] ?? 0, corner)) & 255;
      row[x] = value;
      rgba[(y * width + Math.floor(x / channels)) * 4 + (x % channels)] = value;
    }
    above = row;
  }
  return { width, height, rgba };
}

type Colour = readonly [red: number, green: number, blue: number, count: number];

const colourAt = (rgba: Uint8Array, at: number): number =>
  ((rgba[at] ?? 0) << 16) | ((rgba[at + 1] ?? 0) << 8) | (rgba[at + 2] ?? 0);

/** Median cut: the box with the widest spread among many pixels is halved until there are enough boxes. */
function paletteOf(colours: readonly Colour[]): readonly Colour[] {
  const spread = (box: readonly Colour[], channel: 0 | 1 | 2) => {
    const values = box.map((colour) => colour[channel]);
    return values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 255);
  };
  const widest = (box: readonly Colour[]) =>
    ([0, 1, 2] as const).reduce((best, channel) =>
      spread(box, channel) > spread(box, best) ? channel : best,
    );
  const weight = (box: readonly Colour[]) =>
    spread(box, widest(box)) * Math.sqrt(box.reduce((sum, [, , , count]) => sum + count, 0));
  let boxes: { readonly box: readonly Colour[]; readonly weight: number }[] = [
    { box: colours, weight: Infinity },
  ];
  while (boxes.length < mostColours) {
    boxes.sort((a, b) => b.weight - a.weight);
    const [first, ...rest] = boxes;
    if (first === undefined || first.box.length < 2) break;
    const channel = widest(first.box);
    const sorted = [...first.box].sort((a, b) => a[channel] - b[channel]);
    const half = sorted.length >> 1;
    const parts = [sorted.slice(0, half), sorted.slice(half)];
    boxes = [...rest, ...parts.map((box) => ({ box, weight: box.length < 2 ? 0 : weight(box) }))];
  }
  // The commonest of a box stands for it, so that backgrounds and text stay exactly as they are.
  return boxes.map(({ box }) => box.reduce((best, colour) => (colour[3] > best[3] ? colour : best)));
}

function crcOf(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crcOf(body));
  return Buffer.concat([length, body, crc]);
}

/** The same picture with at most 256 colours: a third of the bytes for a page of text and lines. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, rgba } = readPng(png);
  const counts = new Map<number, number>();
  for (let at = 0; at < rgba.length; at += 4) {
    const colour = colourAt(rgba, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(
    [...counts].map(([colour, count]): Colour => [colour >> 16, (colour >> 8) & 255, colour & 255, count]),
  );
  const nearest = new Map<number, number>();
  for (const colour of counts.keys()) {
    const [r, g, b] = [colour >> 16, (colour >> 8) & 255, colour & 255];
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    palette.forEach(([red, green, blue], index) => {
      const distance = (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2;
      if (distance < least) [best, least] = [index, distance];
    });
    nearest.set(colour, best);
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      rows[y * (width + 1) + 1 + x] = nearest.get(colourAt(rgba, (y * width + x) * 4)) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => colour.slice(0, 3)))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
