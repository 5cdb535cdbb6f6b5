import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

const read = (line: string) => readOptions(line.split(' ').filter(Boolean));

describe('options of gpufleet check', () => {
  it.each([
    ['--cuda 12.8', 'where is it to run? --driver and --gpu, or --hub'],
    ['--driver 550.54.15 --gpu H100', 'what is to run? An image, --require or --cuda'],
    ['--cuda twelve --driver 550', '--cuda: "twelve" is no version, such as 12.8'],
    ['--cuda 12 --driver R550', '--driver: "R550" is no version, such as 12.8'],
    [
      '--cuda 12 --gpu H100 --injection magic',
      '--injection: "magic" is none of hook, runtime-legacy, runtime-cdi, cdi-device',
    ],
    [
      '--require cuda=>12 --driver 550',
      '--require: position 1: "cuda=>12" has "=>" where one of = != < <= > >= belongs',
    ],
    ['--cuda 12 --hub gpus.example', '--hub: "gpus.example" is no address, such as https://gpus.example'],
    [
      '--cuda 12 --hub http://h --driver 550',
      '--hub asks for the hosts of a fleet: leave --driver and --gpu out',
    ],
    ['--cuda 12 --driver 550 --group a', '--token-file, --ca-file, --group and --label go with --hub'],
    ['--cuda 12 --driver 550 --platform arm', '--platform: "arm" is no platform, such as linux/arm64'],
    ['one two --driver 550', 'one image at a time: one two'],
  ])('%s', (line, fault) => {
    expect(read(line)).toBe(fault);
  });

  it('says so when there is none of a name', () => {
    expect(read('--cuda 12 --nonsense')).toContain('--nonsense');
  });

  it('are read together', () => {
    expect(
      read('nvidia/cuda:12.8.1 --hub https://gpus.example/base --group a --group b --compat none'),
    ).toMatchObject({
      image: 'nvidia/cuda:12.8.1',
      compat: 'none',
      groups: ['a', 'b'],
      driver: null,
    });
    expect(read('--cuda 12.8 --driver 550.54.15 --gpu H100 --gpu 8.6')).toMatchObject({
      gpus: ['H100', '8.6'],
    });
    expect(read('--help')).toMatchObject({ help: true });
  });
});
