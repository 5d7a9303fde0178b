package installer

// systemLayout returns the paths of this system.
func systemLayout() layout { return macLayout }

// steps returns the steps of this system in their order.
func (r *run) steps() []Step { return r.macSteps() }
