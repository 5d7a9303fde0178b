// What tests of the project need and the project does not: apart, so that its
// own go.mod names only what is built or tested without a browser.
module github.com/printscout/printscout/tools

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/printscout/printscout v0.0.0
)

require github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect

replace github.com/printscout/printscout => ../
