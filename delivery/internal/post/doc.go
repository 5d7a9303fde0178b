// Package post carries one IPP request with a document to a printer, over a
// connection of its own, and knows how much of the document was handed to the
// network and when the answer came. It does not know what an answer means.
package post
