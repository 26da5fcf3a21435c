package parse

// deviceFamilies are the families of network devices, agents and sensors. Order
// is of no consequence: the surest match wins.
var deviceFamilies = []family{
	newFortigate(),
	yamaha{},
	yamahaSWX{},
	newWindows(),
	ciscoASA{},
	ciscoIOS{},
	auditd{},
	newSuricata(),
	newZeek(),
	allied{},
	ifilter{},
	symantec{},
	trellix{},
	paloAlto{},
	juniper{},
	filterlog{},
	sonicwall{},
	sophos{},
	watchguard{},
	checkPoint{},
	necIX{},
	comware{},
	alaxala{},
	esxi{},
	aruba{},
	mikrotik{},
	eset{},
}
