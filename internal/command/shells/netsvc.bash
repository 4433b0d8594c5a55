# Completion of netsvc for bash; bash-completion is not needed.
# Whatever comes from the network is only ever data here: nothing is evaluated.

# _netsvc_bytes sets bytes to how many bytes a text has.
_netsvc_bytes() {
	local LC_ALL=C
	bytes=${#1}
}

# _netsvc_quote makes text stand for itself behind what stays of the word, $1, which may end with
# an open quote. It fails where it cannot: between double quotes nothing keeps ! from history.
_netsvc_quote() {
	case $1 in
	*\') text=${text//\'/\'\\\'\'} ;;
	*\")
		[[ $text != *!* ]] || return
		text=${text//\\/\\\\}
		text=${text//\"/\\\"}
		text=${text//\$/\\\$}
		text=${text//\`/\\\`}
		;;
	*) [[ -z $text ]] || printf -v text %q "$text" ;;
	esac
}

# _netsvc_files offers files for $1, the end of a word that bash completes, behind $2, what stays
# of the word. A sign such as @ stays, too.
_netsvc_files() {
	local name=$1 sign= text
	case $1 in
	*@*) name=${1#*@} ;;
	--*=*) name=${1#*=} ;;
	esac
	sign=${1%"$name"}
	[[ -z $sign ]] && compopt -o filenames 2>/dev/null
	while IFS= read -r text; do
		if [[ -n $sign ]]; then
			if [[ -d $text ]]; then
				text+=/
				compopt -o nospace 2>/dev/null
			fi
			_netsvc_quote "$2" || continue
		fi
		COMPREPLY+=("$sign$text")
	done < <(compgen -f -- "${name//\\/}")
}

_netsvc() {
	COMPREPLY=()
	local program=$1 head=${COMP_LINE:0:COMP_POINT}
	local bytes kept prefix row text about=() ending=:0
	type -P -- "$program" >/dev/null || program=netsvc
	_netsvc_bytes "$head"

	# What bash replaces is $2. The part of the word before it, behind a quote or a word break, stays.
	kept=${head%"$2"}
	kept=${kept##*[[:space:]]}
	prefix=${kept//[\'\"\\]/}

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
		_netsvc_quote "$kept" || continue
		COMPREPLY+=("$text")
		about+=("${row#*$'\t'}")
	done < <("$program" __complete --line "$COMP_LINE" --point "$bytes" 2>/dev/null)

	case $ending in
	:1) compopt -o nospace 2>/dev/null ;;
	:2) _netsvc_files "$2" "$kept" ;;
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
