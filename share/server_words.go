package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/cloudsoda/go-smb2"

	"inviter/ticket"
)

// Answers of servers, MS-ERREF 2.3.
const (
	statusNoSuchFile       = 0xC000000F
	statusInvalidName      = 0xC0000033
	statusSharing          = 0xC0000043
	statusDeletePending    = 0xC0000056
	statusLocked           = 0xC0000054
	statusLogonFailure     = 0xC000006D
	statusRestricted       = 0xC000006E
	statusHours            = 0xC000006F
	statusWorkstation      = 0xC0000070
	statusPasswordExpired  = 0xC0000071
	statusDisabled         = 0xC0000072
	statusNotGranted       = 0xC000015B
	statusAccountExpired   = 0xC0000193
	statusMustChange       = 0xC0000224
	statusLockedOut        = 0xC0000234
	statusWriteProtected   = 0xC00000A2
	statusNotSupported     = 0xC00000BB
	statusNetworkNameGone  = 0xC00000C9
	statusNoShare          = 0xC00000CC
	statusNotAFolder       = 0xC0000103
	statusUserSessionGone  = 0xC0000203
	statusDisconnected     = 0xC000020C
	statusPathNotCovered   = 0xC0000257
	statusSessionExpired   = 0xC000035C
	statusVolumeDismounted = 0xC000026E
)

// code is a server's answer in an error; 0 for none.
func code(err error) uint32 {
	var answer *smb2.ResponseError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

// broken tells whether an error is about the connection, which is of no use any
// more, and not about a file.
func broken(err error) bool {
	switch code(err) {
	case statusNetworkNameGone, statusUserSessionGone, statusSessionExpired, statusDisconnected, statusVolumeDismounted:
		return true
	}
	var transport *smb2.TransportError
	var invalid *smb2.InvalidResponseError
	var internal *smb2.InternalError
	return errors.As(err, &transport) || errors.As(err, &invalid) || errors.As(err, &internal) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

var (
	errNoFolder = errors.New("it is a file and no folder")
	errName     = errors.New("the name can't be used over SMB")
)

// translated turns what a server answers about a file into what the passes know.
func translated(err error) error {
	switch code(err) {
	case statusSharing, statusLocked:
		return errBusy
	case statusNoSuchFile, statusDeletePending, statusNotAFolder:
		return errors.Join(fs.ErrNotExist, err)
	case statusInvalidName:
		return errors.Join(errName, err)
	case statusWriteProtected:
		return errors.Join(fs.ErrPermission, err)
	}
	return err
}

// serverFault is what is wrong with a server, in words that say what to do.
type serverFault struct {
	words string
	err   error
	gone  bool // the place itself is away
	login bool // trying again soon does harm: servers lock accounts
}

func (t *serverFault) Error() string { return t.words }

// Unwrap adds ticket.ErrGone where the place is away.
func (t *serverFault) Unwrap() []error {
	if t.gone {
		return []error{t.err, ticket.ErrGone}
	}
	return []error{t.err}
}

// Slow tells whether the log-in was refused.
func (t *serverFault) Slow() bool { return t.login }

// refusal words why the place can't be had.
func (s *server) refusal(err error) error {
	var known *serverFault
	if err == nil || errors.As(err, &known) {
		return err
	}
	t := &serverFault{err: err}
	words := loginWords(code(err))
	if errors.Is(err, errGuest) {
		words = "it would be let in as a guest only, who can't sign; have the server know the user and password"
	}
	if words != "" {
		t.words, t.login = fmt.Sprintf("%s: the server refuses the user %q: %s", s.at, s.at.User, words), true
		return t
	}
	t.words = fmt.Sprintf("%s: %s", s.at, s.placeWords(err))
	t.gone = !errors.Is(err, fs.ErrPermission)
	return t
}

// loginWords is why a log-in is refused; "" for another answer.
func loginWords(code uint32) string {
	switch code {
	case statusLogonFailure:
		return "user or password is wrong; check both, and the domain (smb://DOMAIN;user@…)"
	case statusPasswordExpired, statusMustChange:
		return "the password has expired; set a new one, and write it into password_file"
	case statusDisabled, statusAccountExpired:
		return "the account is disabled or has expired; have it enabled"
	case statusLockedOut:
		return "the account is locked after too many wrong passwords; have it unlocked, and check password_file"
	case statusRestricted, statusHours, statusWorkstation, statusNotGranted:
		return "the account may not log in from here, or not now; have that allowed"
	case statusNotSupported:
		return "NTLM is switched off; have it allowed for this account, or mount the share and watch it by path"
	}
	return ""
}

// placeWords is why a share can't be had by a user who may log in.
func (s *server) placeWords(err error) string {
	switch code(err) {
	case statusNoShare:
		return fmt.Sprintf("there is no share %q on this server: check the name in url", s.at.Share)
	case statusPathNotCovered:
		return "that is a DFS link: name the server and share in url that it leads to"
	}
	switch {
	case errors.Is(err, errNoFolder), errors.Is(err, fs.ErrNotExist), code(err) == statusNotAFolder:
		return fmt.Sprintf("there is no folder %q in the share: make it, or correct url", s.at.Folder)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("the user %q may not open the share or its folder, or its folder is away on the server: give the user the right to list and read", s.at.User)
	}
	return networkWords(net.JoinHostPort(s.at.Host, s.at.Port), err)
}

// networkWords is why there is no conversation with a server.
func networkWords(address string, err error) string {
	var name *net.DNSError
	var invalid *smb2.InvalidResponseError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("no address is known for %q: check the name in url, and the name server", name.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at " + address + ": see whether the file server runs, and whether its port is right"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to " + address + ": see whether the network is up"
	case errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded):
		return "no answer from " + address + " in time: see whether the server is up, and whether a firewall is in the way"
	case errors.As(err, &invalid):
		return "the answers of " + address + " make no sense, or are not signed as they should be (" + invalid.Message + "): see whether it speaks SMB 2 or later, and what lies between"
	}
	return "the conversation with " + address + " broke off (" + err.Error() + "): see whether server and network are up"
}

// sound tells names that may be sent to a server: none that leads elsewhere, to
// another folder or into a stream of a file, or that can't be a name there
// (MS-FSCC 2.1.5).
func sound(name string) bool {
	if !utf8.ValidString(name) || strings.HasPrefix(name, "/") {
		return false
	}
	if name == "." {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, `\:*?"<>|`) || strings.ContainsFunc(part, control) {
			return false
		}
	}
	return true
}

func control(r rune) bool { return r < ' ' || r == utf8.RuneError }
