package parse

// hostFamilies are the programs of hosts: servers and the services on them.
// One entry a line.
var hostFamilies = []family{
	sshd{},
	linuxAuth{},
	netfilter{},
	squid{},
	squidCombined{},
	webAccess{},
	webError{},
	samba{},
	postfix{},
	dovecot{},
	bind{},
	dhcpd{},
	windowsDHCP{},
	ftp{},
	vpn{},
	fail2ban{},
	iis{},
	sendmail{},
	clamav{},
	dnsmasq{},
	facility{},
	cef{},
	leef{},
	newM365(),
	newEntra(),
	newCloudTrail(),
	newSambaJSON(),
	services{},
}
