package main

// input is an input of the fuzzer.
type input struct {
	name string
	size int64
	adds blocks // what it reaches that is not reached without these inputs
}

// chooseInputs returns the names of inputs that together reach all that the inputs
// reach. It repeatedly chooses the input that adds most, the smaller one of equals.
func chooseInputs(all []input) map[string]bool {
	kept, reached := map[string]bool{}, blocks{}
	for {
		best, most := -1, 0
		for i, in := range all {
			n := len(in.adds.without(reached))
			if n > most || n == most && n > 0 && in.size < all[best].size {
				best, most = i, n
			}
		}
		if best < 0 {
			return kept
		}
		kept[all[best].name] = true
		reached.addAll(all[best].adds)
	}
}
