package main

import "slices"

// inTurn calls each of the functions once a round, in reverse order in every other
// round, and returns what each of them returned.
func inTurn[T any](rounds int, runs []func() (T, error)) ([][]T, error) {
	all := make([][]T, len(runs))
	for round := range rounds {
		for i := range runs {
			if round%2 == 1 {
				i = len(runs) - 1 - i
			}
			got, err := runs[i]()
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], got)
		}
	}
	return all, nil
}

// medianOf returns the median of values, 0 if there are none.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
