import type { ProductRow } from './rows.ts';

const row =
  (productClass: ProductRow['productClass']) =>
  (
    computeCapability: string,
    names: string,
    more: Partial<Pick<ProductRow, 'modules' | 'confidence'>> = {},
  ): ProductRow => ({
    computeCapability,
    productClass,
    names,
    source: 'cudaGpus',
    confidence: 'high',
    ...more,
  });
const dataCenter = row('data-center');
const workstation = row('workstation');
const geforce = row('geforce');
const jetson = row('jetson');
const medium = { confidence: 'medium' } as const;

/** What a GPU's name says. `#` stands for one digit or more. */
export const products: readonly ProductRow[] = [
  dataCenter('10.7', 'R200 | Rubin | VR200', medium),
  dataCenter('10.3', 'GB300 | B300'),
  dataCenter('10.0', 'GB200 | B200'),
  dataCenter('9.0', 'GH200', { modules: 'open' }),
  dataCenter('9.0', 'H100 | H200'),
  dataCenter('9.0', 'H20 | H800', medium),
  dataCenter('8.9', 'L4 | L40 | L40S | L40G'),
  dataCenter('8.9', 'L2 | L20', medium),
  dataCenter('8.6', 'A40 | A10 | A16 | A2'),
  dataCenter('8.6', 'A10G | A10M', medium),
  dataCenter('8.0', 'A100 | A100X | A30'),
  dataCenter('8.0', 'A800 | AX800 | A30X', medium),
  dataCenter('7.5', 'T4 | T4G'),
  dataCenter('7.0', 'V100 | V100S'),
  dataCenter('6.1', 'P40 | P4'),
  dataCenter('6.0', 'P100'),
  dataCenter('5.2', 'M60 | M40 | M6 | M4'),
  dataCenter('5.0', 'M10', medium),
  dataCenter('3.7', 'K80', medium),
  dataCenter('3.5', 'K40 | K40m | K40c | K20 | K20X | K20m | K20Xm', medium),
  dataCenter('3.0', 'K10', medium),
  dataCenter('12.0', 'RTX PRO 6000 Blackwell Server | RTX PRO 4500 Blackwell Server'),
  workstation('12.1', 'GB10'),
  workstation('12.0', 'RTX PRO # Blackwell'),
  workstation('12.0', 'RTX 6000D', medium),
  workstation('8.9', 'RTX # Ada | RTX # SFF Ada'),
  workstation('8.6', 'RTX A#'),
  workstation('8.0', 'A800 40GB Active', medium),
  workstation('7.5', 'Quadro RTX # | T1000 | T600 | T400 | T2000 | T1200 | T550 | T500 | Quadro T#'),
  workstation('7.0', 'Quadro GV100'),
  workstation('6.1', 'Quadro P#'),
  workstation('6.0', 'Quadro GP100'),
  workstation('5.2', 'Quadro M6000 | Quadro M5000 | Quadro M4000 | Quadro M2000'),
  workstation('5.0', 'Quadro K2200 | Quadro K1200 | Quadro K620'),
  workstation('3.5', 'Quadro K6000', medium),
  workstation('3.0', 'Quadro K5000 | Quadro K4000', medium),
  geforce('12.0', 'RTX 5090 | RTX 5080 | RTX 5070 | RTX 5060 | RTX 5050'),
  geforce('8.9', 'RTX 4090 | RTX 4080 | RTX 4070 | RTX 4060 | RTX 4050'),
  geforce('8.6', 'RTX 3090 | RTX 3080 | RTX 3070 | RTX 3060 | RTX 3050'),
  geforce('8.6', 'RTX 2050 | MX570', medium),
  geforce('7.5', 'RTX 2080 | RTX 2070 | RTX 2060 | GTX 1660 | GTX 1650 | TITAN RTX'),
  geforce('7.5', 'GTX 1630 | MX450 | MX550', medium),
  geforce('7.0', 'TITAN V'),
  geforce('6.1', 'TITAN Xp | TITAN X Pascal | GTX 1080 | GTX 1070 | GTX 1060 | GTX 1050 | GT 1030'),
  geforce('5.2', 'GTX TITAN X | GTX 980 | GTX 970 | GTX 960 | GTX 950'),
  geforce('5.0', 'GTX 750'),
  geforce('3.5', 'GTX TITAN | GTX 780', medium),
  geforce('3.0', 'GTX 680 | GTX 670 | GTX 660', medium),
  jetson('11.0', 'Thor | Jetson T5000 | Jetson T4000 | Jetson Thor | Jetson AGX Thor', medium),
  jetson('8.7', 'Orin | Jetson AGX Orin | Jetson Orin'),
  jetson('7.2', 'Xavier | Jetson AGX Xavier | Jetson Xavier'),
  jetson('6.2', 'TX2 | Jetson TX2'),
  jetson('5.3', 'Jetson Nano | Nano'),
  jetson('3.2', 'Jetson TK1 | TK1', medium),
];
