# Completes assets in bash 4 and later. In ~/.bashrc: source <(assets completion bash)
_assets() {
  local program out
  COMPREPLY=()
  program=$(type -P assets) || program=__PROGRAM__
  if out=$("$program" completion --line -- "${COMP_LINE:0:COMP_POINT}" "$2" </dev/null 2>/dev/null); then
    if [[ -n $out ]]; then mapfile -t COMPREPLY <<<"$out"; fi
    if [[ ${#COMPREPLY[@]} == 1 && $out == *: ]]; then compopt -o nospace; fi
  else
    compopt -o default
  fi
} 2>/dev/null
complete -F _assets assets
