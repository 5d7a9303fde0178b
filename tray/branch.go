package tray

import "slices"

// entry is an entry of a menu that is on the screen.
type entry interface {
	add(title string) entry // an entry below, behind all others
	separate()              // a line below, behind all others
	rename(title string)
	enable(bool)
	show(bool)
	remove() // with what is below it
	clicks() <-chan struct{}
}

// branch is an entry and what is below it, as it is on the screen. Menus of
// this kind grow at their ends only: what is put in between would have all
// behind it made anew. So that a menu that is open changes as little as can be,
// entries that may come and go are there from the start, hidden.
type branch struct {
	entry
	item     Item
	branches []*branch
	over     chan struct{} // closed with the entry
}

// set makes what is below an entry as items say.
func (b *branch) set(items []Item, click func(Action)) {
	b.drop(func(c *branch) bool {
		return !slices.ContainsFunc(items, func(i Item) bool { return same(c.item, i) })
	})
	kept := 0
	for kept < len(b.branches) && same(b.branches[kept].item, items[kept]) {
		kept++
	}
	rest := b.branches[kept:]
	b.drop(func(c *branch) bool { return slices.Contains(rest, c) })
	for n, i := range items {
		if n < len(b.branches) {
			b.branches[n].change(i, click)
		} else {
			b.grow(i, click)
		}
	}
}

// same reports whether an entry can become an item by what it says, and what is
// below it.
func same(a, b Item) bool {
	return a.Key == b.Key && a.Action == b.Action && a.Separator == b.Separator
}

func (b *branch) drop(which func(*branch) bool) {
	b.branches = slices.DeleteFunc(b.branches, func(c *branch) bool {
		if !which(c) {
			return false
		}
		c.end()
		return true
	})
}

// end takes an entry from the screen, those below it first.
func (b *branch) end() {
	b.drop(func(*branch) bool { return true })
	if b.over != nil {
		close(b.over)
	}
	if b.entry != nil {
		b.remove()
	}
}

func (b *branch) grow(i Item, click func(Action)) {
	c := &branch{item: i}
	b.branches = append(b.branches, c)
	if i.Separator {
		b.separate()
		return
	}
	c.entry = b.add(i.Title)
	c.over = make(chan struct{})
	c.enable(!i.Says())
	if i.Action.Verb != Nothing {
		go forward(c.clicks(), c.over, i.Action, click)
	}
	c.set(i.Items, click)
	if i.Hidden {
		c.show(false)
	}
}

func forward(clicks <-chan struct{}, over chan struct{}, do Action, click func(Action)) {
	for {
		select {
		case <-over:
			return
		case _, more := <-clicks:
			if !more {
				return
			}
			click(do)
		}
	}
}

// change makes an entry say what an item does. A hidden one is left as it was:
// on Windows whatever is changed is shown.
func (b *branch) change(i Item, click func(Action)) {
	was := b.item
	if b.item = i; i.Separator {
		return
	}
	if i.Hidden {
		if !was.Hidden {
			b.show(false)
		}
		b.item.Title = was.Title
		return
	}
	if was.Hidden {
		b.show(true)
	}
	if was.Title != i.Title {
		b.rename(i.Title)
	}
	if was.Says() != i.Says() {
		b.enable(!i.Says())
	}
	b.set(i.Items, click)
}
