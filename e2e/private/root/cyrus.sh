# Cyrus as it comes: a store of its own, folders below "INBOX.", everything that
# IMAP can do. Its passwords are in a SASL database.
install -d -o cyrus -g mail /run/cyrus /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket
echo 'servername: localhost' >> /etc/imapd.conf
echo 'sasl_mech_list: PLAIN' >> /etc/imapd.conf
echo secret | saslpasswd2 -c -p -u localhost help
chown cyrus /etc/sasldb2
cat > /etc/cyrus.conf <<END
START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd" listen="127.0.0.1:$PORT" prefork=0 maxchild=100
}
DAEMON {
  idled cmd="idled"
}
END
exec /usr/lib/cyrus/bin/master
