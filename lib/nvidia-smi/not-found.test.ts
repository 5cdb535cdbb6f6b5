import { describe, expect, it } from 'vitest';
import { parseFailure } from './failure.ts';

/** As bash 5.2 and the C library print them in each locale, command-not-found of Ubuntu, zsh, dash, fish, cmd and PowerShell. */
const texts: readonly string[] = [
  '-bash: nvidia-smi: command not found',
  'bash: line 1: nvidia-smi: command not found',
  'sh: 1: nvidia-smi: not found',
  'zsh: command not found: nvidia-smi',
  'fish: Unknown command: nvidia-smi\nbash: nvidia-smi: command not found',
  "Command 'nvidia-smi' not found, but can be installed with:\n\nsudo apt install nvidia-utils-470         # version 470.256.02-0ubuntu0.22.04.1, or\nsudo apt install nvidia-utils-535\n",
  "Command 'nvidia-ctk' not found, did you mean:\n  command 'nvidia-cfg' from deb foo",
  'nvidia-container-cli: command not found',
  "'nvidia-smi' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
  "nvidia-smi : The term 'nvidia-smi' is not recognized as the name of a cmdlet, function, script file, or operable program.",
  'bash: nvidia-smi: Kommando nicht gefunden.',
  'Der Befehl »nvidia-smi« wurde nicht gefunden, kann aber installiert werden mit:',
  'Die Anwendung »nvidia-smi« ist momentan nicht installiert.',
  'Der Befehl "nvidia-smi" ist entweder falsch geschrieben oder\nkonnte nicht gefunden werden.\nDer Befehl "nvidia-smi" konnte nicht gefunden werden.',
  'bash: /usr/bin/nvidia-smi: Datei oder Verzeichnis nicht gefunden',
  'bash: nvidia-smi\u00a0: commande introuvable',
  "La commande «\u00a0nvidia-smi\u00a0» n'a pas été trouvée, mais peut être installée avec\u00a0:",
  'bash: /usr/bin/nvidia-smi: Aucun fichier ou dossier de ce type',
  'bash: nvidia-smi: orden no encontrada',
  'No se ha encontrado la orden «nvidia-smi», pero se puede instalar con:',
  'bash: /usr/bin/nvidia-smi: No existe el fichero o el directorio',
  'bash: nvidia-smi: コマンドが見つかりません',
  "コマンド 'nvidia-smi' が見つかりません。次の方法でインストールできます:",
  'bash: /usr/bin/nvidia-smi: そのようなファイルやディレクトリはありません',
  'bash: nvidia-smi: 未找到命令',
  'bash: nvidia-smi：未找到命令',
  '找不到命令 “nvidia-smi”，但可以通过以下软件包安装它：',
  "'nvidia-smi' 不是内部或外部命令，也不是可运行的程序",
  'bash: nvidia-smi：指令找不到',
  'bash: /usr/bin/nvidia-smi: 没有那个文件或目录',
  'bash: nvidia-smi: comando não encontrado',
  "O comando 'nvidia-smi' não foi encontrado, mas pode ser instalado com:",
  'bash: /usr/bin/nvidia-smi: Arquivo ou diretório inexistente',
  'bash: nvidia-smi: команда не найдена',
  'Команда «nvidia-smi» не найдена, но может быть установлена с помощью:',
  'bash: /usr/bin/nvidia-smi: Нет такого файла или каталога',
  'bash: nvidia-smi: comando non trovato',
  'bash: nvidia-smi: 명령어를 찾을 수 없음',
  'bash: nvidia-smi: nie znaleziono polecenia',
  'bash: nvidia-smi: opdracht niet gevonden',
];

describe('a command that is not there', () => {
  it.each(texts)('%s', (text) => {
    for (const exitCode of [null, 1, 127])
      expect(parseFailure(text, exitCode)).toMatchObject({ code: 'command-not-found' });
  });

  it.each([
    ['another program', 'bash: docker: command not found', null],
    ['a process of that name', '# gpu pid type sm command\n    0 123 C 5 nvidia-smi\n', null],
    [
      'a library',
      'nvidia-smi: error while loading shared libraries: libnvidia-ml.so.1: cannot open shared object file: No such file or directory',
      'library-missing',
    ],
    [
      'an answer',
      'GPU 0: NVIDIA H100 (UUID: GPU-1)\nnvidia-smi said nothing else that was not found: here\n'.repeat(400),
      null,
    ],
  ])('is not %s', (_, text, code) => {
    expect(parseFailure(text, null)?.code ?? null).toBe(code);
  });
});
