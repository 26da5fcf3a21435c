package parse

// deviceFamilies are network devices, audit systems and security products. One
// entry a line.
var deviceFamilies = []family{}
