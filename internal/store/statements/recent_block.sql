-- A sequence some blocks before the end of the chain: what a crash may have cut.
SELECT min(bus_seq) FROM blocks WHERE stream = {stream:String} AND chain_seq + 1000 > {chain:UInt64} AND state != 'absent'
