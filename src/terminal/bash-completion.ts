/** Completion for bash, made from the same commander tree as `--help`. */

import type { Command } from 'commander';
import { pathOf } from './manual';

/** The words of `[dev PORT] [vlan VID] [static|sticky]` that are typed as they stand. */
const LITERAL_WORD = /\b[a-z]+\b/g;

/** The keys in `mtu=N, …, up=, persist=on|off`. */
const SETTING_KEY = /[a-z][a-z-]*(?==)/g;

/**
 * @param name name of the program, as it is typed
 * @param portCommand command that prints the ports: one per line, in the first column, below a head
 */
export function bashCompletion(program: Command, name: string, portCommand: string): string {
  const commands = allOf(program);
  const paths = commands.filter((command) => command !== program).flatMap(pathsOf);
  const fn = `_${name}`;
  return `# Completion for ${name}. Source it, or put it where bash-completion looks.
${fn}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' word words='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case "\${path:+$path }$word" in
      ${(paths.length > 0 ? paths : ['']).map((path) => `'${path}'`).join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${commands.map((command) => `    ${patternOf(command)}) words='${wordsOf(command)}' ;;`).join('\n')}
  esac
  case "$previous" in
    dev) words='PORT' ;;
    --config | --control | --write | -w)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
  esac
  # compgen -W expands its words: they must hold no text from outside, such as a port's name.
  mapfile -t COMPREPLY < <(compgen -W "\${words/PORT/}" -- "$current")
  [[ " $words " == *' PORT '* ]] || return 0
  while read -r word _; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$(printf '%q' "$word")")
  done < <(${portCommand} 2> /dev/null | tail -n +2)
}
complete -F ${fn} ${name}
`;
}

/** Pattern of `case` for a command, under all its names. */
function patternOf(command: Command): string {
  const paths = command.parent === null ? [''] : pathsOf(command);
  return paths.map((path) => `'${path}'`).join(' | ');
}

/** `fdb add`, and `fdb replace`, its other name. */
function pathsOf(command: Command): string[] {
  const above = command.parent === null ? '' : pathOf(command.parent);
  return [command.name(), ...command.aliases()].map((name) => `${above} ${name}`.trim());
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

/** Words that may follow a command; PORT stands for the name of any port. */
function wordsOf(command: Command): string {
  const subcommands = command.commands.flatMap((known) => [known.name(), ...known.aliases()]);
  const usage = command.usage().replace('[options]', '');
  const literals = command.commands.length > 0 ? [] : (usage.match(LITERAL_WORD) ?? []);
  const takesPort = command.registeredArguments.some((argument) => argument.name() === 'PORT');
  const keys = command.registeredArguments
    .filter((argument) => argument.name() === 'KEY')
    .flatMap(({ description }) => description.match(SETTING_KEY) ?? []);
  const options = command
    .createHelp()
    .visibleOptions(command)
    .map((option) => option.long ?? option.short ?? '');
  const words = [...subcommands, ...literals, ...(takesPort ? ['PORT'] : []), ...keys, ...options];
  return [...new Set(words)].join(' ');
}
