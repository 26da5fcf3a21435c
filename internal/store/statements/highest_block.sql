SELECT max(bus_seq) FROM blocks WHERE stream = {stream:String}
