#!/bin/sh
# What udhcpc, dhclient and dhcpcd run when something happens: notes it as one line, and gives the interface its address.
# LOG stands for the file the lines go to, IFACE for the interface.
log='LOG'
iface='IFACE'
now=$(date +%s.%N)

case ${1:-} in
bound | renew | deconfig | nak | leasefail)
    what=$1 address=${ip:-} bits=${mask:-24} life=${lease:-} server=${serverid:-} next=${siaddr:-} file=${boot_file:-${bootfile:-}}
    ;;
*)
    what=${reason:-none} address=${new_ip_address:-} bits=${new_subnet_mask:-24} life=${new_dhcp_lease_time:-}
    server=${new_dhcp_server_identifier:-} next=${new_next_server:-} file=${new_filename:-${new_bootfile_name:-}}
    ;;
esac
case $what in
bound | BOUND | REBOOT) event=bound ;;
renew | RENEW | REBIND) event=renewed ;;
deconfig | EXPIRE | RELEASE | STOP | STOPPED | NAK | nak) event=lost address= ;;
leasefail | FAIL | TIMEOUT) event=failed address= ;;
*) exit 0 ;;
esac
if [ -n "$address" ]; then
    ip addr replace "$address/$bits" dev "$iface"
elif [ "$event" = lost ]; then
    ip -4 addr flush dev "$iface"
fi
echo "$now $event ${address:--} ${life:--} ${server:--} ${next:--} ${file:--}" >>"$log"
