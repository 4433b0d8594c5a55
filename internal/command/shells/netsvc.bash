# Completion of netsvc for bash; bash-completion is not needed.
# Whatever comes from the network is only ever data here: nothing is evaluated.

# _netsvc_bytes sets bytes to how many bytes a text has.
_netsvc_bytes() {
	local LC_ALL=C
	bytes=${#1}
}

# _netsvc_files offers files for $1, the end of a word that bash completes. A sign such as @ stays.
_netsvc_files() {
	local name=$1 sign= file
	case $1 in
	*@*) name=${1#*@} ;;
	--*=*) name=${1#*=} ;;
	esac
	sign=${1%"$name"}
	[[ -z $sign ]] && compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		if [[ -n $sign ]]; then
			if [[ -d $file ]]; then
				file+=/
				compopt -o nospace 2>/dev/null
			fi
			printf -v file %q "$file"
		fi
		COMPREPLY+=("$sign$file")
	done < <(compgen -f -- "${name//\\/}")
}

_netsvc() {
	COMPREPLY=()
	local program=$1 head=${COMP_LINE:0:COMP_POINT}
	local bytes kept prefix quoted= row text about=() ending=:0
	type -P -- "$program" >/dev/null || program=netsvc
	_netsvc_bytes "$head"

	# What bash replaces is $2. The part of the word before it, behind a quote or a word break, stays.
	kept=${head%"$2"}
	kept=${kept##*[[:space:]]}
	prefix=${kept//[\'\"\\]/}
	case $kept in *[\'\"]) quoted=1 ;; esac

	while IFS= read -r row; do
		case $row in
		*$'\t'*) ;;
		*)
			ending=$row
			continue
			;;
		esac
		text=${row%%$'\t'*}
		[[ -n $text && $text == "$prefix"* ]] || continue
		text=${text#"$prefix"}
		[[ -n $text && -z $quoted ]] && printf -v text %q "$text"
		COMPREPLY+=("$text")
		about+=("${row#*$'\t'}")
	done < <("$program" __complete --line "$COMP_LINE" --point "$bytes" 2>/dev/null)

	case $ending in
	:1) compopt -o nospace 2>/dev/null ;;
	:2) _netsvc_files "$2" ;;
	esac

	# A list that is only shown has room for what the candidates are.
	local i
	if [[ ${COMP_TYPE:-0} -eq 63 && ${#about[@]} -gt 1 ]]; then
		for i in "${!about[@]}"; do
			[[ -n ${about[i]} ]] && COMPREPLY[i]+="  (${about[i]})"
		done
	fi
}

complete -F _netsvc netsvc
