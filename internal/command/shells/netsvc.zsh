#compdef netsvc
# Completion of netsvc for zsh: to be evaluated, or kept as _netsvc in a folder of $fpath.
# Whatever comes from the network is only ever data here: nothing is evaluated.

_netsvc() {
	local program=${(Q)words[1]} line=${(j: :)words} head row text about ending=:0
	local -a texts shown
	local -i bytes wide=0
	whence -p -- $program >/dev/null || program=netsvc
	head="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"
	() { setopt local_options no_multibyte; bytes=$#head }

	while IFS= read -r row; do
		if [[ $row != *$'\t'* ]]; then
			ending=$row
			continue
		fi
		text=${row%%$'\t'*}
		texts+=("$text")
		shown+=("${row#*$'\t'}")
		(( $#text > wide )) && wide=$#text
	done < <("$program" __complete --line "$line" --point "$bytes" 2>/dev/null)

	if [[ $ending == :2 ]]; then
		compset -P 1 '*@' || compset -P 1 '--*='
		_files
		return
	fi
	local -i i
	for (( i = 1; i <= $#texts; i++ )); do
		about=$shown[i]
		shown[i]=$texts[i]
		[[ -n $about ]] && shown[i]="${(r:wide:)texts[i]}  -- $about"
	done
	if [[ $ending == :1 ]]; then
		compadd -l -S '' -d shown -a -- texts
	else
		compadd -l -d shown -a -- texts
	fi
}

if [[ $funcstack[1] == _netsvc ]]; then
	_netsvc "$@"
else
	(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
	compdef _netsvc netsvc
fi
