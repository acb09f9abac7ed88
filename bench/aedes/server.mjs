// The broker aedes as a peer of bench/compare.sh: one process, in memory, no authentication, TCP_NODELAY as all peers have it.
// node server.mjs PORT        (binds 127.0.0.1)
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

const broker = await Aedes.createBroker()
createServer({ noDelay: true }, broker.handle).listen(Number(process.argv[2]), '127.0.0.1')
