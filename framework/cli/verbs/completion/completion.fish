# Completes assets in fish. In ~/.config/fish/config.fish: assets completion fish | source
function __assets_complete
    set -l program (command -s assets)
    or set program __PROGRAM__
    set -l words (commandline -opc)
    set -l current (commandline -ct | string replace -ra '["\'\\\\]' '' | string collect)
    set -l lines ($program completion --words -- $words "$current" </dev/null 2>/dev/null)
    if test $status -eq 0
        string join \n -- $lines
    else
        __fish_complete_path "$current"
    end
end
complete -c assets -f -k -a '(__assets_complete)'
