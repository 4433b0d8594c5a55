# Completion of netsvc for fish: to be sourced, or kept as netsvc.fish in a folder of completions.
# Whatever comes from the network is only ever data here: nothing is evaluated.

# __netsvc_files prints files for the word at the cursor. A sign such as @ stays.
function __netsvc_files
    set -l word (commandline -ct | string replace -ra '[\'"\\\\]' '')
    set -l parts (string match -r -- '^([^@]*@|--[a-z-]+=|)(.*)$' $word)
    for file in (__fish_complete_path $parts[3])
        echo -- $parts[2]$file
    end
end

function __netsvc_complete
    set -l line (commandline -p | string collect)
    set -l head (commandline -cp | string collect)
    set -l bytes (printf '%s' $head | wc -c | string trim)
    for row in (command netsvc __complete --line "$line" --point $bytes 2>/dev/null)
        switch $row
            case \*\t\*
                echo -- $row
            case :2
                __netsvc_files
        end
    end
end

complete -c netsvc -e
complete -c netsvc -f -k -a '(__netsvc_complete)'
