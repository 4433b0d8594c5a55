package catalog

import (
	"slices"

	"github.com/netsvc/netsvc/pkg/service"
)

// shelf is what the events of a watch have told so far, by name and by group, and which of them
// have changed since they were last looked at.
type shelf struct {
	byNumber map[uint32]*service.Info // numbers grow, so they tell the age
	names    list
	groups   list
}

// list has instances under keys, the oldest first, and which keys have changed.
type list struct {
	entries map[string][]*service.Info
	changed map[string]bool
}

func newList() list {
	return list{entries: make(map[string][]*service.Info), changed: make(map[string]bool)}
}

func newShelf() *shelf {
	return &shelf{byNumber: make(map[uint32]*service.Info), names: newList(), groups: newList()}
}

// set puts an instance where it belongs, in place of what was known of it.
func (s *shelf) set(info service.Info) {
	old := s.byNumber[info.Address.Number]
	s.byNumber[info.Address.Number] = &info
	s.names.put(info.Name, &info)
	if old != nil {
		for _, g := range old.Groups {
			if !slices.Contains(info.Groups, g) {
				s.groups.take(g, old.Address.Number)
			}
		}
	}
	for _, g := range info.Groups {
		s.groups.put(g, &info)
	}
}

// remove forgets an instance.
func (s *shelf) remove(number uint32) {
	old := s.byNumber[number]
	if old == nil {
		return
	}
	delete(s.byNumber, number)
	s.names.take(old.Name, number)
	for _, g := range old.Groups {
		s.groups.take(g, number)
	}
}

// find is the place of a number in a list.
func find(infos []*service.Info, number uint32) (int, bool) {
	return slices.BinarySearchFunc(infos, number, func(i *service.Info, n uint32) int {
		return int(int64(i.Address.Number) - int64(n))
	})
}

func (l *list) put(key string, info *service.Info) {
	l.changed[key] = true
	infos := l.entries[key]
	i, found := find(infos, info.Address.Number)
	if found {
		infos[i] = info
		return
	}
	l.entries[key] = slices.Insert(infos, i, info)
}

func (l *list) take(key string, number uint32) {
	infos := l.entries[key]
	i, found := find(infos, number)
	if !found {
		return
	}
	l.changed[key] = true
	if len(infos) == 1 {
		delete(l.entries, key)
		return
	}
	l.entries[key] = slices.Delete(infos, i, i+1)
}

// values copies the instances of a key.
func (l *list) values(key string) []service.Info {
	infos := l.entries[key]
	values := make([]service.Info, len(infos))
	for i, info := range infos {
		values[i] = *info
	}
	return values
}
