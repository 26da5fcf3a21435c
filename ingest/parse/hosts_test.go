package parse

import "testing"

func TestSSHD(t *testing.T)      { golden(t, "../hosts/sshd") }
func TestLinux(t *testing.T)     { golden(t, "../hosts/linux") }
func TestNetfilter(t *testing.T) { golden(t, "../hosts/netfilter") }
func TestWeb(t *testing.T)       { golden(t, "../hosts/web") }
func TestMail(t *testing.T)      { golden(t, "../hosts/mail") }
func TestGeneric(t *testing.T)   { golden(t, "../hosts/generic") }
func TestDNSAndDHCP(t *testing.T) {
	golden(t, "../hosts/dns_dhcp")
}

func TestVPNAndBans(t *testing.T) { golden(t, "../hosts/vpn") }

func TestMore(t *testing.T) { golden(t, "../hosts/more") }

func TestFacility(t *testing.T) { golden(t, "../hosts/facility") }
