# Completes assets in zsh. In ~/.zshrc, after compinit: source <(assets completion zsh)
_assets() {
  local program out added=1
  local -a lines methods others words_only
  program=$(whence -p assets) || program=__PROGRAM__
  if ! out=$("$program" completion --words -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" </dev/null 2>/dev/null); then
    _files
    return
  fi
  lines=("${(@f)out}")
  lines=("${(@)lines:#}")
  # A method is followed by its value, not by a space.
  methods=("${(@M)lines:#[^$'\t']##:}")
  others=("${(@)lines:#[^$'\t']##:}")
  words_only=("${(@)others%%$'\t'*}")
  others=("${(@)others/$'\t'/  -- }")
  if (( $#words_only )); then _assets_add -l -d others -a words_only && added=0; fi
  if (( $#methods )); then _assets_add -S '' -a methods && added=0; fi
  return added
}

# A word that only contains what is typed, such as a name before its `+`, does not begin with it.
_assets_add() { compadd "$@" || compadd -U "$@" }

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i -D }
compdef _assets assets
