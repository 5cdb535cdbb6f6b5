import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedCommand } from './index.ts';

describe('a command line', () => {
  it.each<[readonly string[], string | null]>([
    [['python', 'train.py', '--lr', '0.1'], 'python train.py --lr 0.1'],
    [['vllm', 'serve', 'm', '--max-model-len', '4096'], 'vllm serve m --max-model-len 4096'],
    [['x', '--token', 'hunter2', '--port', '80'], 'x --token masked --port 80'],
    [['x', '--password=hunter2'], 'x --password=masked'],
    [['x', '-password', 'hunter2'], 'x -password masked'],
    [['x', '--hf-token', '-hunter2'], 'x --hf-token masked'],
    [['x', '--hfToken', 'hunter2'], 'x --hfToken masked'],
    [['x', '--wandb_key', 'hunter2'], 'x --wandb_key masked'],
    [['x', '--api-key:hunter2'], 'x --api-key:masked'],
    [
      ['env', 'WANDB_API_KEY=hunter2', 'DB_DSN=hunter2', 'RANK=0'],
      'env WANDB_API_KEY=masked DB_DSN=masked RANK=0',
    ],
    [['x', '--keyframe', '3', '--tokenizer', 'llama'], 'x --keyframe 3 --tokenizer llama'],
    [['x', '--token', '--verbose'], 'x --token --verbose'],
    [['pull', 'https://ana:hunter2@hub.example/x'], 'pull https://masked@hub.example/x'],
    [['pull', 'https://hunter2@hub.example/x?sig=1'], 'pull https://masked@hub.example/x?sig=1'],
    [
      ['pull', 'https://h.example/x?a=1&access_token=hunter2'],
      'pull https://h.example/x?a=1&access_token=masked',
    ],
    [['redis-cli', '-u', 'redis://:hunter2@cache:6379/0'], 'redis-cli -u redis://masked@cache:6379/0'],
    [['sh', '-c', 'export TOKEN=hunter2; python t.py'], 'sh -c export TOKEN=masked python t.py'],
    [['sh', '-c', 'run --password hunter2 --x 1'], 'sh -c run --password masked --x 1'],
    [['curl', '-H', 'Authorization: Bearer hunter2hunter2'], 'curl -H Authorization: masked'],
    [['x', 'hf_abcdefghijklmnopqrst'], 'x masked'],
    [['x', '0123456789abcdef0123456789abcdef01234567'], 'x masked'],
    [['x', 'GPU-00000000-0000-4000-8000-000000000001'], 'x GPU-00000000-0000-4000-8000-000000000001'],
    [['x', '6c85216c-82ad-11e7-9fb0-061c2985ea4a'], 'x 6c85216c-82ad-11e7-9fb0-061c2985ea4a'],
    [
      ['/opt/a-very-long-folder-name-2/of/some-thing-0123456789'],
      '/opt/a-very-long-folder-name-2/of/some-thing-0123456789',
    ],
    [['curl', '-u', 'ana:hunter2', 'https://h.example'], 'curl -u ana:masked https://h.example'],
    [['sh', '-c', 'curl --user ana:hunter2 h'], 'sh -c curl --user ana:masked h'],
    [['docker', 'run', '-u', '1000:1000', 'x'], 'docker run -u 1000:1000 x'],
    [['x', '--password', 'two words hunter2', '--lr', '1'], 'x --password masked --lr 1'],
    [['sh', '-c', 'x --password "two hunter2" y'], 'sh -c x --password masked y'],
    [['sh', '-c', "x --api-key 'two hunter2"], 'sh -c x --api-key masked'],
    [['redis-server', '--requirepass', 'hunter2'], 'redis-server --requirepass masked'],
    [['train', '+logger.key=hunter2', '++hf.token=hunter2'], 'train +logger.key=masked ++hf.token=masked'],
    [['x', 'postgres://u:hun@ter2@db.example/x'], 'x postgres://masked@db.example/x'],
    [['a\u0000b', 'c\nd'], 'a b c d'],
    [['mysql', '-u', 'root', '-phunter2', 'shop'], 'mysql -u root -pmasked shop'],
    [['/usr/bin/mysqldump', '-uroot', '-phunter2', '-P3306'], '/usr/bin/mysqldump -uroot -pmasked -P3306'],
    [['mariadb', '-p', 'shop'], 'mariadb -p shop'],
    [['mysqld', '-p3306'], 'mysqld -p3306'],
    [
      ['sh', '-c', 'sleep 1; mysql -phunter2 x; ssh -p2222 h'],
      'sh -c sleep 1; mysql -pmasked x; ssh -p2222 h',
    ],
    [['sshpass', '-p', 'hunter2', 'ssh', '-p', '22', 'h'], 'sshpass -p masked ssh -p 22 h'],
    [['sshpass', '-phunter2', 'ssh', 'h'], 'sshpass -pmasked ssh h'],
    [['redis-cli', '-a', 'hunter2', 'ping'], 'redis-cli -a masked ping'],
    [['redis-cli', '--pass', 'hunter2'], 'redis-cli --pass masked'],
    [
      ['ipmitool', '-H', 'bmc', '-U', 'root', '-P', 'hunter2', 'sdr'],
      'ipmitool -H bmc -U root -P masked sdr',
    ],
    [
      ['docker', 'login', '-u', 'ana', '-p', 'hunter2', 'r.example'],
      'docker login -u ana -p masked r.example',
    ],
    [['docker', 'run', '-p', '80:80', 'login'], 'docker run -p 80:80 login'],
    [['docker', 'exec', 'db', 'mysql', '-phunter2'], 'docker exec db mysql -pmasked'],
    [['mongosh', '-u', 'a', '-p', 'hunter2'], 'mongosh -u a -p masked'],
    [['ldapsearch', '-x', '-w', 'hunter2'], 'ldapsearch -x -w masked'],
    [['smbclient', '-U', 'ana%hunter2', '//h/x'], 'smbclient -U ana%masked //h/x'],
    [['7z', 'x', '-phunter2', 'a.7z'], '7z x -pmasked a.7z'],
    [['curl', '-uana:hunter2', 'h'], 'curl -uana:masked h'],
    [['curl', '--user=ana:hunter2', 'h'], 'curl --user=ana:masked h'],
    [['tailscale', 'up', '--authkey', 'hunter2'], 'tailscale up --authkey masked'],
    [['PGPASSWORD=hunter2', 'psql'], 'PGPASSWORD=masked psql'],
    [['docker', 'run', '--env=WANDB_KEY=hunter2', 'x'], 'docker run --env=WANDB_KEY=masked x'],
    [['docker', 'run', '-e', 'MYSQL_PWD=hunter2', 'x'], 'docker run -e MYSQL_PWD=masked x'],
    [['openssl', 'rsa', '-passin', 'pass:hunter2'], 'openssl rsa -passin masked'],
    [['torchrun', '-m', 'train', '-p', '8080', '-a', 'x'], 'torchrun -m train -p 8080 -a x'],
    [['', ' '], null],
    [[], null],
  ])('%j is shown as %j', (args, shown) => expect(maskedCommand(args)).toBe(shown));

  it('is cut', () => {
    const line = maskedCommand(['x', 'word '.repeat(1000)]) ?? '';
    expect(line).toHaveLength(513);
    expect(line.endsWith('…')).toBe(true);
  });

  it('never throws, and never shows what stands after a name of a secret', () => {
    const secret = fc.stringMatching(/^[A-Z]{8}[a-z!.,]{4}$/);
    const name = fc.constantFrom('--password', '--hf_token', '--db-secret', '--apiKey', '--auth', '--key');
    const form = fc.constantFrom('two', 'equals', 'script');
    fc.assert(
      fc.property(fc.array(fc.string()), name, secret, form, (before, option, value, how) => {
        const args =
          how === 'two'
            ? [option, value]
            : [how === 'equals' ? `${option}=${value}` : `run ${option} ${value}`];
        const last = before.at(-1)?.startsWith('-') ? [...before, 'x'] : before;
        expect(maskedCommand([...last, ...args]) ?? '').not.toContain(value);
      }),
    );
  });
});
