# GNU mailutils imap4d as it comes: mboxes, no MOVE, no UIDPLUS, and a SEARCH
# by UID that finds nothing.
useradd -m help
echo help:secret | chpasswd
install -o help -g mail -m 660 /dev/null /var/mail/help
cat > /etc/imap4d.conf <<END
logging { syslog no; };
auth { authentication generic:system:pam; authorization system; };
server 127.0.0.1:$PORT { };
END
exec imap4d --foreground --daemon=100 --config-file=/etc/imap4d.conf
