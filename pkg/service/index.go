package service

import (
	"slices"
)

// index is a copy of instances that can be looked up by number, name and group. All lists
// are sorted by number, which is by age.
type index struct {
	infos  map[uint32]Info
	names  map[string][]uint32
	groups map[string][]uint32
}

func newIndex() index {
	return index{infos: map[uint32]Info{}, names: map[string][]uint32{}, groups: map[string][]uint32{}}
}

func (x *index) set(info Info) {
	n := info.Address.Number
	x.remove(n)
	x.infos[n] = info
	insert(x.names, info.Name, n)
	for _, g := range info.Groups {
		insert(x.groups, g, n)
	}
}

func (x *index) remove(n uint32) {
	old, ok := x.infos[n]
	if !ok {
		return
	}
	delete(x.infos, n)
	take(x.names, old.Name, n)
	for _, g := range old.Groups {
		take(x.groups, g, n)
	}
}

func insert(lists map[string][]uint32, key string, n uint32) {
	list := lists[key]
	if at, found := slices.BinarySearch(list, n); !found {
		lists[key] = slices.Insert(list, at, n)
	}
}

func take(lists map[string][]uint32, key string, n uint32) {
	list := lists[key]
	at, found := slices.BinarySearch(list, n)
	if !found {
		return
	}
	if list = slices.Delete(list, at, at+1); len(list) == 0 {
		delete(lists, key)
		return
	}
	lists[key] = list
}

// pick returns the instances of a list of numbers.
func (x *index) pick(numbers []uint32) []Info {
	infos := make([]Info, len(numbers))
	for i, n := range numbers {
		infos[i] = x.infos[n]
	}
	return infos
}

// all lists every instance.
func (x *index) all() []Info {
	numbers := make([]uint32, 0, len(x.infos))
	for n := range x.infos {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return x.pick(numbers)
}
