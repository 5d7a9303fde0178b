// Package fit fits the settings that a document was parked with to what one
// printer lists. It opens no connection and knows nothing of deliveries.
package fit
