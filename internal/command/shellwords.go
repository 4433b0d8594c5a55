package command

import "strings"

// ShellWords is a line of sh that has these words: each as it is where sh takes it for itself, else
// in quotes.
func ShellWords(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || word[0] == '=' || strings.ContainsFunc(word, special) { // zsh looks for a program behind =
			quoted[i] = shellQuoted(word)
		}
	}
	return strings.Join(quoted, " ")
}

// special reports whether some shell makes something else of a character than itself.
func special(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=", r)
}

// shellQuoted is text as one word of sh.
func shellQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
