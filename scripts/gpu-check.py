#!/usr/bin/env python3
"""Compares what the agent tells of this machine's real GPUs with NVML, NVIDIA's own library.

    python3 scripts/gpu-check.py --agent 'node dist/agent/gpufleet-agent.mjs' [--nvidia-smi PATH] [--seconds 60]

Needs nvidia-ml-py; with PyTorch it puts the GPUs under load, and prints the p99 of a small step with and without the agent.
1. What does not move (names, limits, versions) equals NVML's.
2. What moves lies within NVML's least and most, read 20 times a second, from 1 s before a sample to 1 s after it:
   95 of 100 samples of each field.
Ends with 1 when one of them does not hold, with 2 when nothing could be compared.
"""

import argparse
import bisect
import datetime
import json
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time

import pynvml as nvml

MEBIBYTE = 1 << 20
LEAST_SHARE = 0.95
AROUND_SECONDS = 1.0
NVML_HERTZ = 20


def told(read, *arguments):
    """None where NVML does not tell it."""
    try:
        value = read(*arguments)
    except nvml.NVMLError:
        return None
    return value.decode() if isinstance(value, bytes) else value


def as_flag(value):
    return None if value is None else value == 1


def in_watts(milliwatts):
    return None if milliwatts is None else milliwatts / 1000


def in_hertz(megahertz):
    return None if megahertz is None else megahertz * 1_000_000


def memory_of(handle):
    # The second version leaves out what the driver keeps for itself, as nvidia-smi does.
    second = getattr(nvml, 'nvmlMemory_v2', None)
    if second is not None:
        memory = told(lambda: nvml.nvmlDeviceGetMemoryInfo(handle, version=second))
        if memory is not None:
            return memory
    return nvml.nvmlDeviceGetMemoryInfo(handle)


def still_facts(handle):
    """By our names, in our units."""
    capability = told(nvml.nvmlDeviceGetCudaComputeCapability, handle)
    limits = told(nvml.nvmlDeviceGetPowerManagementLimitConstraints, handle) or (None, None)
    mig = told(nvml.nvmlDeviceGetMigMode, handle)
    ecc = told(nvml.nvmlDeviceGetEccMode, handle)
    most = lambda clock: in_hertz(told(nvml.nvmlDeviceGetMaxClockInfo, handle, clock))
    return {
        'name': told(nvml.nvmlDeviceGetName, handle),
        'index': told(nvml.nvmlDeviceGetIndex, handle),
        'pciBusId': told(nvml.nvmlDeviceGetPciInfo, handle).busId,
        'vbiosVersion': told(nvml.nvmlDeviceGetVbiosVersion, handle),
        'minorNumber': told(nvml.nvmlDeviceGetMinorNumber, handle),
        'computeCapability': None if capability is None else '.'.join(str(part) for part in capability),
        'memory.totalBytes': memory_of(handle).total,
        'persistenceMode': as_flag(told(nvml.nvmlDeviceGetPersistenceMode, handle)),
        'migMode.current': None if mig is None else mig[0] == 1,
        'eccMode.current': None if ecc is None else ecc[0] == 1,
        'power.limitWatts': in_watts(told(nvml.nvmlDeviceGetEnforcedPowerLimit, handle)),
        'power.defaultLimitWatts': in_watts(told(nvml.nvmlDeviceGetPowerManagementDefaultLimit, handle)),
        'power.minLimitWatts': in_watts(limits[0]),
        'power.maxLimitWatts': in_watts(limits[1]),
        'clocks.maxGraphicsHertz': most(nvml.NVML_CLOCK_GRAPHICS),
        'clocks.maxSmHertz': most(nvml.NVML_CLOCK_SM),
        'clocks.maxMemoryHertz': most(nvml.NVML_CLOCK_MEM),
        'pcie.maxGeneration': told(nvml.nvmlDeviceGetMaxPcieLinkGeneration, handle),
        'pcie.maxWidth': told(nvml.nvmlDeviceGetMaxPcieLinkWidth, handle),
    }


def moving_facts(handle):
    use = told(nvml.nvmlDeviceGetUtilizationRates, handle)
    clock = lambda kind: in_hertz(told(nvml.nvmlDeviceGetClockInfo, handle, kind))
    return {
        'utilization.gpuRatio': None if use is None else use.gpu / 100,
        'utilization.memoryRatio': None if use is None else use.memory / 100,
        'memory.usedBytes': memory_of(handle).used,
        'temperature.gpuCelsius': told(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU),
        'power.drawWatts': in_watts(told(nvml.nvmlDeviceGetPowerUsage, handle)),
        'clocks.smHertz': clock(nvml.NVML_CLOCK_SM),
        'clocks.memoryHertz': clock(nvml.NVML_CLOCK_MEM),
    }


# What nvidia-smi prints is rounded to these.
ROUNDED = {'memory.totalBytes': MEBIBYTE, 'memory.usedBytes': MEBIBYTE, 'power': 0.01}


def rounding_of(field):
    return ROUNDED.get(field) or ROUNDED.get(field.split('.')[0], 1e-9)


def ours(gpu, field):
    value = gpu
    for name in field.split('.'):
        value = None if value is None else value.get(name)
    return value


def same(field, mine, theirs):
    if field == 'pciBusId' and mine is not None and theirs is not None:
        # NVML has eight digits of domain.
        return mine.lower().lstrip('0') == theirs.lower().lstrip('0')
    if isinstance(mine, (int, float)) and isinstance(theirs, (int, float)) and not isinstance(mine, bool):
        return abs(mine - theirs) <= rounding_of(field)
    return mine == theirs


def check_still(agent, handles):
    with tempfile.TemporaryDirectory() as state:
        command = [*agent, '--once', '--stdout', '--state-dir', state]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    report = json.loads(printed)['reports'][0]
    by_uuid = {gpu['uuid']: gpu for gpu in report['gpus']}
    failures = []
    if report['stack']['driverVersion'] != told(nvml.nvmlSystemGetDriverVersion):
        failures.append(('host', 'driverVersion', report['stack']['driverVersion'], told(nvml.nvmlSystemGetDriverVersion)))
    compared = 1
    for uuid, handle in handles.items():
        gpu = by_uuid.get(uuid)
        if gpu is None:
            failures.append((uuid, 'uuid', None, uuid))
            continue
        for field, theirs in still_facts(handle).items():
            compared += 1
            if not same(field, ours(gpu, field), theirs):
                failures.append((uuid, field, ours(gpu, field), theirs))
    print(f'still: {compared} values of {len(handles)} GPUs compared, {len(failures)} differ')
    for uuid, field, mine, theirs in failures:
        print(f'  {uuid} {field}: ours {mine!r}, NVML {theirs!r}')
    return not failures


class Watch(threading.Thread):
    """Reads NVML again and again; readings are of the wall clock, as the agent's are."""

    def __init__(self, handles):
        super().__init__(daemon=True)
        self.handles = handles
        self.times = []
        self.readings = []
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(1 / NVML_HERTZ):
            now = time.time()
            self.readings.append({uuid: moving_facts(handle) for uuid, handle in self.handles.items()})
            self.times.append(now)

    def range(self, uuid, field, at):
        first = bisect.bisect_left(self.times, at - AROUND_SECONDS)
        last = bisect.bisect_right(self.times, at + AROUND_SECONDS)
        values = [reading[uuid][field] for reading in self.readings[first:last]]
        values = [value for value in values if value is not None]
        return (min(values), max(values)) if values else None


def run_agent(agent, seconds, intervalSeconds):
    """Its reports of so many seconds."""
    with tempfile.TemporaryDirectory() as state:
        command = [*agent, '--stdout', '--interval', f'{intervalSeconds}s', '--state-dir', state]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stopper = threading.Timer(seconds, process.send_signal, [signal.SIGTERM])
        stopper.start()
        try:
            return [json.loads(line) for line in process.stdout if line.startswith('{')]
        finally:
            stopper.cancel()
            process.kill()
            process.wait()


def check_moving(agent, handles, seconds):
    watch = Watch(handles)
    watch.start()
    time.sleep(AROUND_SECONDS)
    reports = run_agent(agent, seconds, 1)
    time.sleep(AROUND_SECONDS)
    watch.ending.set()
    watch.join()
    fields = {}
    seen = set()
    for report in reports:
        for gpu in report['gpus']:
            uuid, when = gpu['uuid'], gpu.get('sampledAt')
            if uuid not in handles or not when or (uuid, when) in seen:
                continue
            seen.add((uuid, when))
            at = datetime.datetime.fromisoformat(when.replace('Z', '+00:00')).timestamp()
            for field in moving_facts(handles[uuid]):
                mine, within = ours(gpu, field), watch.range(uuid, field, at)
                if mine is None or within is None:
                    continue
                slack = rounding_of(field)
                held = within[0] - slack <= mine <= within[1] + slack
                inside, all_of = fields.get(field, (0, 0))
                fields[field] = (inside + held, all_of + 1)
    print(f'moving: {len(seen)} samples in {seconds} s beside {len(watch.times)} readings of NVML')
    for field, (inside, all_of) in fields.items():
        verdict = 'holds' if inside >= LEAST_SHARE * all_of else 'FAILS'
        print(f'  {verdict}  {field}: {inside} of {all_of} within NVML ± {AROUND_SECONDS:.0f} s')
    return bool(fields) and all(inside >= LEAST_SHARE * all_of for inside, all_of in fields.values())


LOAD = """
import time, torch
parts = [torch.randn(4096, 4096, device=f'cuda:{at}') for at in range(torch.cuda.device_count())]
until = time.time() + {seconds}
while time.time() < until:
    # Some seconds at work, some at rest: a constant load would hide numbers that are late.
    if int(time.time()) % 6 < 4:
        for part in parts: torch.mm(part, part)
        for at in range(len(parts)): torch.cuda.synchronize(at)
    else: time.sleep(0.05)
"""

STEPS = """
import sys, time, torch
part = torch.randn(1024, 1024, device='cuda')
until, taken = time.perf_counter() + {seconds}, []
for _ in range(200): torch.mm(part, part)
torch.cuda.synchronize()
while time.perf_counter() < until:
    begun = time.perf_counter()
    torch.mm(part, part)
    torch.cuda.synchronize()
    taken.append(time.perf_counter() - begun)
taken.sort()
print(taken[len(taken) * 99 // 100] * 1e6, taken[len(taken) // 2] * 1e6)
"""


def python(text, **options):
    return subprocess.Popen([sys.executable, '-c', text], stdout=subprocess.PIPE, text=True, **options)


def print_step_times(agent, seconds, rounds=3):
    taken = {'without': [], 'with': []}
    for _ in range(rounds):
        for way in taken:
            with tempfile.TemporaryDirectory() as state:
                command = [*agent, '--stdout', '--interval', '1s', '--state-dir', state]
                beside = None
                if way == 'with':
                    beside = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(3)
                try:
                    printed, _ = python(STEPS.format(seconds=seconds)).communicate(timeout=seconds + 120)
                    taken[way].append(tuple(float(word) for word in printed.split()))
                finally:
                    if beside is not None:
                        beside.terminate()
                        beside.wait()
    middle = lambda values: sorted(values)[len(values) // 2]
    for way, times in taken.items():
        p99, median = middle([each[0] for each in times]), middle([each[1] for each in times])
        print(f'step {way} the agent: p99 {p99:.1f} us, median {median:.1f} us ({rounds} rounds of {seconds} s)')


def has_torch():
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--agent', default='node dist/agent/gpufleet-agent.mjs')
    parser.add_argument('--nvidia-smi')
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--step-seconds', type=int, default=10)
    options = parser.parse_args()
    agent = shlex.split(options.agent)
    if options.nvidia_smi is not None:
        agent += ['--nvidia-smi', options.nvidia_smi]
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        print(f'NVML: {error}', file=sys.stderr)
        return 2
    handles = {}
    for at in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(at)
        handles[told(nvml.nvmlDeviceGetUUID, handle)] = handle
    is_still = check_still(agent, handles)
    torch = has_torch()
    if not torch:
        print('no PyTorch that sees a GPU: the GPUs are not put under load')
    load = python(LOAD.format(seconds=options.seconds + 5)) if torch else None
    is_moving = check_moving(agent, handles, options.seconds)
    if load is not None:
        load.wait()
        print_step_times(agent, options.step_seconds)
    return 0 if is_still and is_moving else 1


if __name__ == '__main__':
    sys.exit(main())
