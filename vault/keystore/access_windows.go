package keystore

import (
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// inherited makes an entry of a folder's access list apply to its contents.
const inherited = "OICI"

// trustedSIDs returns the accounts that may read secrets: SYSTEM, Administrators
// and this account.
func trustedSIDs() ([]*windows.SID, error) {
	system, err := windows.CreateWellKnownSid(windows.WinLocalSystemSid)
	if err != nil {
		return nil, err
	}
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return nil, err
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("asking which account this is: %w", err)
	}
	own, err := user.User.Sid.Copy()
	if err != nil {
		return nil, err
	}
	return []*windows.SID{system, administrators, own}, nil
}

// privateAttributes returns an access list of only the trusted accounts, without
// entries inherited from the parent.
func privateAttributes(flags string) (*windows.SecurityAttributes, error) {
	who, err := trustedSIDs()
	if err != nil {
		return nil, err
	}
	list := "D:P"
	for _, sid := range who {
		list += fmt.Sprintf("(A;%s;FA;;;%s)", flags, sid)
	}
	sd, err := windows.SecurityDescriptorFromString(list)
	if err != nil {
		return nil, fmt.Errorf("making an access list: %w", err)
	}
	a := &windows.SecurityAttributes{SecurityDescriptor: sd}
	a.Length = uint32(unsafe.Sizeof(*a))
	return a, nil
}

func checkOwner(path string, f *os.File) error {
	sd, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return pathError("reading the owner of", path, err)
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return pathError("reading the owner of", path, err)
	}
	return checkTrusted(owner, &InsecureError{path, "belongs to another account", "remove it, or run icacls /setowner if it is meant for this account"})
}

// checkTrusted returns otherwise unless the account is trusted.
func checkTrusted(sid *windows.SID, otherwise *InsecureError) error {
	who, err := trustedSIDs()
	if err != nil {
		return err
	}
	if sid == nil || !slices.ContainsFunc(who, sid.Equals) {
		return otherwise
	}
	return nil
}

// checkAccess requires a trusted owner and an access list that gives no other
// account any right.
func checkAccess(path string, f *os.File) error {
	if err := checkOwner(path, f); err != nil {
		return err
	}
	sd, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return pathError("reading the access list of", path, err)
	}
	open := &InsecureError{path, "may be opened by other accounts", "others may have read it: make a new secret, or close it by icacls if you know that no one has"}
	list, _, err := sd.DACL()
	if err != nil || list == nil {
		return open
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return pathError("reading the access list of", path, err)
		}
		if err := checkEntry(entry, open); err != nil {
			return err
		}
	}
	return nil
}

// checkEntry accepts an entry that denies, one that applies only to the folder's
// contents, and one that allows a trusted account.
func checkEntry(e *windows.ACCESS_ALLOWED_ACE, otherwise *InsecureError) error {
	switch {
	case e.Header.AceType == windows.ACCESS_DENIED_ACE_TYPE, e.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0:
		return nil
	case e.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE:
		return otherwise
	}
	return checkTrusted((*windows.SID)(unsafe.Pointer(&e.SidStart)), otherwise)
}
