// Package web is what all pages of the project share: the style sheet, the
// texts in each language, the layout, random tokens and the headers of every
// answer. The texts are for menus and notifications too: For and Say need no
// HTTP.
//
// It knows no page and no package of ours but internal/outcome, whose reasons
// it says in each language. No text is built from parts, and nothing of it
// depends on a script.
package web
