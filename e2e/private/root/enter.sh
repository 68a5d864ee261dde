# enter.sh ROOTS NAME DIR SCRIPT: runs the script in the root NAME, with
# everything that is written kept in DIR. It wants mount and process name spaces
# of its own, so that nothing of it is left when it ends.
set -e
roots=$1 name=$2 dir=$3 script=$4
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay overlay -o "lowerdir=$roots/$name:$roots/base,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
mount --rbind /dev "$dir/root/dev"
mount -t proc proc "$dir/root/proc"
cp "$script" "$dir/root/start.sh"
cp "$dir/server.pem" "$dir/root/"
# Not exec: this shell is process 1 of its name space and takes all others with
# it when its parent ends. A server that drops its rights would lose that.
chroot "$dir/root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -e /start.sh || exit $?
