package installer

import "fmt"

// PortDropInPath is the file by which printscout.socket has another port than the
// default.
const PortDropInPath = "/etc/systemd/system/printscout.socket.d/port.conf"

// PortDropIn returns the content of PortDropInPath. systemd reads it at "systemctl
// daemon-reload"; the port changes when socket and service are both stopped and
// started again.
func PortDropIn(port int) []byte {
	return fmt.Appendf(nil, `# Written by "printscout install": the setting Port.
[Socket]
ListenStream=
ListenStream=127.0.0.1:%d
ListenStream=[::1]:%[1]d
`, port)
}
