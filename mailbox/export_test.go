package mailbox

// BeFar has a mailbox that is connected take its server for one far away, or not.
func BeFar(m *Mailbox, far bool) { m.link.far = far }
