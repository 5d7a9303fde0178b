package scout

import (
	"testing"

	"golang.org/x/sys/windows"
)

// closeToOthers gives a file the access list that a bundle has to have.
func (r *rig) closeToOthers(path string) {
	r.t.Helper()
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	r.must(err)
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;" + user.User.Sid.String() + ")")
	r.must(err)
	list, _, err := sd.DACL()
	r.must(err)
	r.must(windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil))
}

// TestBundleFileThatOthersMayOpen has the access list that a file has by
// itself.
func TestBundleFileThatOthersMayOpen(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	r.putOpenBundle(server.bundleOf(r.site.Public(), "token-1"))
	r.taker().look(t.Context())
	r.wantBundle("others may open it", bundleInsecure, true)
}
