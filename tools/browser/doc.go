// Package browser is the tests that look at pages with a real browser, by
// keyboard and with axe-core, at the sizes of a panel, a phone and a screen. It
// has no code but tests.
package browser
