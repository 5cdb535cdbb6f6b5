/** The program whose absence a shell tells; a line without it is about something else. */
const program = /nvidia-(?:smi|ctk|container-cli)/i;
const longestLine = 300;

/** What shells and Windows say of a command that is not there: theirs and their locales' words, in small letters. */
const notFound: readonly string[] = [
  'command not found',
  // fish
  'unknown command: nvidia-',
  "unknown command 'nvidia-",
  'not found, but can be installed',
  'not found, did you mean',
  ': not found',
  'is not recognized as an internal or external command',
  'is not recognized as the name of a cmdlet',
  'is not recognized as a name of a cmdlet',
  // de
  'kommando nicht gefunden',
  'befehl nicht gefunden',
  'wurde nicht gefunden',
  'ist momentan nicht installiert',
  'konnte nicht gefunden werden',
  'nicht als name eines cmdlet',
  // fr
  'commande introuvable',
  "n'a pas été trouvée",
  'n’a pas été trouvée',
  "n'est pas reconnu",
  'n’est pas reconnu',
  // es, pt, it
  'orden no encontrada',
  'no se encontró la orden',
  'no se ha encontrado la orden',
  'no se reconoce como',
  'comando não encontrado',
  'não foi encontrado',
  'não é reconhecido como',
  'comando non trovato',
  'non è riconosciuto come',
  // ja, zh, ko
  'コマンドが見つかりません',
  'が見つかりません',
  'として認識されていません',
  '用語は、コマンドレット',
  '未找到命令',
  '找不到命令',
  '指令找不到',
  '找不到指令',
  '不是内部或外部命令',
  '不是內部或外部命令',
  '명령어를 찾을 수 없음',
  '명령을 찾을 수 없습니다',
  '내부 또는 외부 명령',
  // ru, uk
  'команда не найдена',
  'не найдена, но может быть установлена',
  'не является внутренней или внешней',
  'команду не знайдено',
  // pl, nl, sv, da, nb, cs, hu, tr
  'nie znaleziono polecenia',
  'opdracht niet gevonden',
  'kommandot finns inte',
  'kommando ikke fundet',
  'fant ikke kommando',
  'příkaz nenalezen',
  'parancs nem található',
  'komut yok',
  'komut bulunamadı',
];

/** The C library's words for a path that leads nowhere. */
const noSuchFile: readonly string[] = [
  'no such file or directory',
  'datei oder verzeichnis nicht gefunden',
  'aucun fichier ou dossier de ce',
  'no existe el fichero o el directorio',
  'no existe el archivo o el directorio',
  'ficheiro ou pasta inexistente',
  'ficheiro ou directoria inexistente',
  'arquivo ou diretório inexistente',
  'file o directory non esistente',
  'そのようなファイルやディレクトリはありません',
  '没有那个文件或目录',
  '沒有此一檔案或目錄',
  '그런 파일이나 디렉터리가 없습니다',
  'нет такого файла или каталога',
  'немає такого файла або каталогу',
  'nie ma takiego pliku ani katalogu',
  'bestand of map bestaat niet',
  'filen eller katalogen finns inte',
];

/** The C library's words for a file that may not be run: of its permissions, then of what else forbids it. */
const notPermitted: readonly string[] = [
  'permission denied',
  'keine berechtigung',
  'permission non accordée',
  'permiso denegado',
  'permissão negada',
  'permesso negato',
  '許可がありません',
  '权限不够',
  '權限不足',
  '拒絕不符權限的操作',
  '허가 거부',
  'отказано в доступе',
  'відмовлено у доступі',
  'brak dostępu',
  'toegang geweigerd',
  'åtkomst nekas',
  'nekad åtkomst',
  'permissão recusada',
  'operace zamítnuta',
  'prístup odmietnutý',
  'engedély megtagadva',
  'erişim engellendi',
  'adgang nægtet',
  'ikke tilgang',
  'lupa evätty',
  'отказан достъп',
  'pristup je odbijen',
  'άρνηση πρόσβασης',
  'không đủ quyền truy cập',
  'operation not permitted',
  'operation ist nicht erlaubt',
  'opération non permise',
  'operación no permitida',
  'operação não permitida',
  'operazione non permessa',
  '許可されていない操作です',
  '不允许的操作',
  '此項操作並不被允許',
  '명령을 허용하지 않음',
  'операция не позволена',
  'дію заборонено',
  'operacja niedozwolona',
  'actie is niet toegestaan',
  'operationen inte tillåten',
  'operationen er ikke tilladt',
  'operasjonen er ikke tillatt',
  'operace není povolena',
  'művelet nem engedélyezett',
  'izin verilmedi',
];

/** Whether a line of the text says that nvidia-smi or a tool of the toolkit is not there, in whatever language. */
export const saysNotFound = (text: string): boolean => saysOfProgram(text, [...notFound, ...noSuchFile]);

/** The same of one that is there and may not be run. */
export const saysNotPermitted = (text: string): boolean => saysOfProgram(text, notPermitted);

function saysOfProgram(text: string, sentences: readonly string[]): boolean {
  if (!program.test(text)) return false;
  return text.split('\n', 200).some((line) => {
    if (line.length > longestLine || !program.test(line)) return false;
    // libnvidia-ml.so is a library: its absence is told apart before this.
    const told = line.toLowerCase().replaceAll(/[\u00a0\u202f]/g, ' ');
    return sentences.some((words) => told.includes(words));
  });
}
