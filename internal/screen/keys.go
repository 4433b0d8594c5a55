package screen

import tea "github.com/charmbracelet/bubbletea"

// typist is a model that may have a text field in focus.
type typist interface{ Typing() bool }

// update gives a message to a model: keys one by one, as long as no text field has the focus.
func update(model tea.Model, msg tea.Msg) (tea.Model, tea.Cmd) {
	key, ok := msg.(tea.KeyMsg)
	if !ok || key.Type != tea.KeyRunes || key.Paste {
		return model.Update(msg)
	}
	var cmds []tea.Cmd
	for rest := key.Runes; len(rest) > 0; {
		one := key
		one.Runes = rest
		if !typing(model) {
			one.Runes = rest[:1]
		}
		rest = rest[len(one.Runes):]
		next, cmd := model.Update(one)
		model, cmds = next, append(cmds, cmd)
	}
	return model, tea.Batch(cmds...)
}

func typing(model tea.Model) bool {
	t, ok := model.(typist)
	return ok && t.Typing()
}
