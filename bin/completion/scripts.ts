/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type Shell = (typeof shells)[number];

/**
 * What the scripts ask the program with, followed by the shell and the words from the command to the cursor. An answer
 * is a line for each word that can follow, with a tab and what it is about; `:files` asks for files as well, and
 * `:command` for the completion of a command behind `--`.
 */
export const request = ['completion', '--complete'] as const;

const bash = String.raw`# Completion of netflow for bash: source <(netflow completion bash)
_netflow() {
  local typed=${'$'}{COMP_WORDS[COMP_CWORD]} line at=1
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        mapfile -t -O ${'$'}{#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${'$'}{typed#=}")
        ;;
      :command)
        while [[ ${'$'}{COMP_WORDS[at++]} != -- ]]; do :; done
        if declare -F _command_offset >/dev/null; then
          _command_offset $at
        elif ((at == COMP_CWORD)); then
          mapfile -t COMPREPLY < <(compgen -c -- "$typed")
        else
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$typed")
        fi
        ;;
      *) COMPREPLY+=("$(printf %q "${'$'}{line%%$'\t'*}")") ;;
    esac
  done < <("$1" completion --complete bash "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _netflow netflow
`;

const zsh = String.raw`#compdef netflow
# Completion of netflow for zsh, behind compinit: source <(netflow completion zsh)
_netflow() {
  local line at
  local -a values files
  for line in "${'$'}{(@f)$($words[1] completion --complete zsh "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) files=(yes) ;;
      :command)
        at=$words[(i)--]
        shift $at words
        (( CURRENT -= at ))
        _normal
        return
        ;;
      ?*) values+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}") ;;
    esac
  done
  if (( $#values )); then _describe -V netflow values; fi
  if (( $#files )); then
    compset -P '--[a-z-]##='
    _files
  fi
}
if [[ $funcstack[1] == _netflow ]]; then _netflow "$@"; else compdef _netflow netflow; fi
`;

const fish = String.raw`# Completion of netflow for fish: netflow completion fish | source
function __netflow_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc)
    for line in ($words[1] completion --complete fish $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$typed"
            case ':command'
                set -l at (contains -i -- -- $words)
                set -l command (string escape -- $words[(math $at + 1)..-1])
                complete -C (string join ' ' -- $command "$typed")
            case '*'
                echo $line
        end
    end
end
complete -c netflow -f -a '(__netflow_complete)'
`;

const powershell = String.raw`# Completion of netflow for PowerShell: netflow completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName netflow -ScriptBlock {
    param($typed, $command, $cursor)
    $words = @($command.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_".Trim("'", '"') })
    if ($words.Count -eq 0) { return }
    $program, $before = $words
    # A shell before 7.3 leaves empty arguments out.
    & $program completion --complete powershell @($before) "_$typed" 2>$null | ForEach-Object {
        $text, $about = $_ -split "${'`'}t", 2
        if ($text -eq ':files') { [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed) }
        elseif ($text -eq ':command') { [System.Management.Automation.CompletionCompleters]::CompleteCommand($typed) }
        else {
            $quoted = if ($text -match '^[\w./:=-]+$') { $text } else { "'" + $text.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', "$text $about".Trim())
        }
    }
}
`;

/** The scripts, which ask the program what can follow. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
