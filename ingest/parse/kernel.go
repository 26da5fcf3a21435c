package parse

import "yagura/internal/event"

// kernelLine reads the kernel's messages that matter: removable media, links,
// killed processes, sniffing.
func kernelLine(l *Line, b []byte) bool {
	b = uptime(b)
	switch {
	case hasPrefix(b, "usb "):
		return usbLine(l, b[len("usb "):])
	case hasPrefix(b, "usb-storage ") && contains(b, "USB Mass Storage device detected"):
		l.SetString(event.EventAction, "usb-storage-attached")
	case hasPrefix(b, "sd ") && contains(b, "Attached SCSI removable disk"):
		l.SetString(event.EventAction, "removable-disk-attached")
		if dev, ok := between(b, "[", "]"); ok {
			l.Set(event.DeviceID, dev)
		}
	case contains(b, "entered promiscuous mode"):
		l.SetString(event.EventAction, "promiscuous-mode-entered")
	case contains(b, "left promiscuous mode"):
		l.SetString(event.EventAction, "promiscuous-mode-left")
	case contains(b, "ossible SYN flooding on port "):
		l.SetString(event.EventAction, "syn-flood")
		_, port, _ := cut(b, " on port ")
		if addr, p, ok := cutLast(port[:min(len(port), 60)], ":"); ok && setIP(l, event.DestinationIP, addr) {
			port = p
		}
		setPort(l, event.DestinationPort, port[:digits(port)])
	case contains(b, "nf_conntrack: table full"):
		l.SetString(event.EventAction, "connection-table-full")
	case contains(b, "]: segfault at "):
		l.SetString(event.EventAction, "process-crashed")
	case contains(b, ": module verification failed: "):
		l.SetString(event.EventAction, "unsigned-module-loaded")
	case contains(b, "Killed process "), hasPrefix(b, "Out of memory: Kill process "):
		l.SetString(event.EventAction, "process-killed")
	case contains(b, "Link is Down"), contains(b, "link is down"), contains(b, "Link is down"):
		l.SetString(event.EventAction, "link-down")
	case contains(b, "Link is Up"), contains(b, "link is up"), contains(b, "Link is up"), contains(b, "link becomes ready"):
		l.SetString(event.EventAction, "link-up")
	default:
		return false
	}
	return true
}

// uptime drops "[62828.333722] ".
func uptime(b []byte) []byte {
	if len(b) == 0 || b[0] != '[' {
		return b
	}
	i := 1 + blanks(b[1:])
	n := digits(b[i:])
	if n == 0 || i+n >= len(b) || b[i+n] != '.' {
		return b
	}
	j := i + n + 1
	j += digits(b[j:])
	if j >= len(b) || b[j] != ']' {
		return b
	}
	return trimLeft(b[j+1:])
}

// usbLine: "1-1: New USB device found, idVendor=0930, idProduct=6544",
// "1-1: USB disconnect, device number 2", "1-1: SerialNumber: X".
func usbLine(l *Line, b []byte) bool {
	port, rest, ok := cut(b, ": ")
	if !ok {
		return false
	}
	switch {
	case hasPrefix(rest, "New USB device found"):
		l.SetString(event.EventAction, "usb-attached")
		for p := (pairs{rest: rest, sep: ','}); p.next(); {
			switch string(p.key) {
			case "idVendor":
				setText(l, l.Local("usb.vendor_id"), p.value)
			case "idProduct":
				setText(l, l.Local("usb.product_id"), p.value)
			}
		}
	case hasPrefix(rest, "USB disconnect"):
		l.SetString(event.EventAction, "usb-detached")
	case hasPrefix(rest, "SerialNumber: "):
		setText(l, event.DeviceSerialNumber, rest[len("SerialNumber: "):])
	case hasPrefix(rest, "Product: "):
		setText(l, event.DeviceModelName, rest[len("Product: "):])
	case hasPrefix(rest, "Manufacturer: "):
		setText(l, event.DeviceManufacturer, rest[len("Manufacturer: "):])
	case hasPrefix(rest, "New USB device strings: "): // which strings follow
	default:
		return false
	}
	l.Set(event.DeviceID, port)
	return true
}
