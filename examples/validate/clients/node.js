// The node module xmlrpc: node.js GATEWAY CALLS. It sends every integer as <int>, whatever its
// size, and text that needs escaping as CDATA.
'use strict'
const { createClient, dateFormatter } = require('xmlrpc')
const fs = require('fs')

const [gateway, calls] = process.argv.slice(2)
const isObject = (v) => v !== null && typeof v === 'object'
const mapped = (o, f) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, f(v)]))

function value (form) {
  const [[kind, content]] = Object.entries(form)
  switch (kind) {
    case 'nil': return null
    case 'int': case 'float': return Number(content)
    case 'bytes': return Buffer.from(content, 'base64')
    case 'time': return dateFormatter.decodeIso8601(content)
    case 'list': return content.map(value)
    case 'map': return mapped(content, value)
  }
  return content
}

// Numbers have one type in this language; those with a fraction are floats.
function form (v) {
  if (v === null || v === undefined) return { nil: true }
  if (typeof v === 'boolean') return { bool: v }
  if (typeof v === 'string') return { str: v }
  if (typeof v === 'number') {
    return Number.isInteger(v) && !Object.is(v, -0) && Math.abs(v) < 2 ** 53 ? { int: String(v) } : { float: Object.is(v, -0) ? '-0' : String(v) }
  }
  if (Buffer.isBuffer(v)) return { bytes: v.toString('base64') }
  if (v instanceof Date) return { time: local(v) }
  if (Array.isArray(v)) return { list: v.map(form) }
  return isObject(v) ? { map: mapped(v, form) } : { error: typeof v }
}

function local (date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19)
}

function make (call) {
  return new Promise((resolve) => {
    try {
      createClient(gateway + call.path).methodCall(call.method, call.params.map(value), (err, v) => {
        if (!err) resolve(form(v))
        else resolve(err.faultCode === undefined ? { error: String(err.message) } : { fault: String(err.faultCode) })
      })
    } catch (err) {
      resolve({ error: String(err.message) })
    }
  })
}

async function main () {
  for (const call of JSON.parse(fs.readFileSync(calls, 'utf8'))) {
    console.log(JSON.stringify({ name: call.name, got: await make(call) }))
  }
}

main()
