# Courier as it comes: Maildirs, folders below "INBOX." only, UIDPLUS without MOVE.
useradd -m help
echo help:secret | chpasswd
su help -c 'maildirmake ~/Maildir'
sed -i "s/^ADDRESS=.*/ADDRESS=127.0.0.1/; s/^PORT=.*/PORT=$PORT/; s/^MAXPERIP=.*/MAXPERIP=100/; s/^MAXDAEMONS=.*/MAXDAEMONS=100/" /etc/courier/imapd
install -o courier -m 600 /server.pem /etc/courier/imapd.pem
install -d -o courier /run/courier /run/courier/authdaemon
authdaemond start
imapd start
exec sleep infinity
