// The node module xmlrpc against a gateway: node.js BASE. It sends every integer as
// <int>, whatever its size, and text that needs escaping as CDATA.
'use strict'
const { createClient } = require('xmlrpc')

const client = createClient(process.argv[2] + '/RPC2')
let failures = 0

function call (method, params) {
  return new Promise((resolve) => {
    client.methodCall(method, params, (err, value) => resolve(err ? { fault: err.faultCode ?? err.message } : value))
  })
}

function check (what, got, want) {
  if (JSON.stringify(got) === JSON.stringify(want)) return
  failures++
  console.log(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}

async function main () {
  check('math.multiply', await call('math.multiply', [3, 4]), 12)
  check('no such method', await call('math.absent', []), { fault: -32601 })
  check('text as CDATA', await call('echo.echo', ['<a> & ]b']), '<a> & ]b')
  check('a list and a map', await call('echo.echo', [[1, { two: 'x' }, true, 2.5]]), [1, { two: 'x' }, true, 2.5])
  // It reads <i8> as text; what counts is that no digit is lost.
  check('64 bits in <int>', String(await call('echo.echo', [5000000000])), '5000000000')
  process.exit(failures > 0 ? 1 : 0)
}

main()
