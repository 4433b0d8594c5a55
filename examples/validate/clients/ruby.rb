# Ruby's xmlrpc: ruby.rb GATEWAY CALLS.
require 'json'
require 'base64'
require 'time'
require 'xmlrpc/client'

def value(form)
  kind, content = form.first
  case kind
  when 'nil' then nil
  when 'int' then content.to_i
  when 'float' then content.to_f
  when 'bytes' then XMLRPC::Base64.new(Base64.decode64(content))
  when 'time' then XMLRPC::DateTime.new(*content.scan(/\d+/).map(&:to_i))
  when 'list' then content.map { |v| value(v) }
  when 'map' then content.transform_values { |v| value(v) }
  else content
  end
end

# Bytes are read as a String of the encoding ASCII-8BIT.
def form(v)
  case v
  when nil then { nil: true }
  when true, false then { bool: v }
  when Integer then { int: v.to_s }
  when Float then { float: v.to_s }
  when XMLRPC::DateTime then { time: format('%04d-%02d-%02dT%02d:%02d:%02d', *v.to_a) }
  when Array then { list: v.map { |x| form(x) } }
  when Hash then { map: v.transform_values { |x| form(x) } }
  when String
    v.encoding == Encoding::BINARY ? { bytes: Base64.strict_encode64(v) } : { str: v }
  end
end

def outcome(gateway, call)
  client = XMLRPC::Client.new2(gateway + call['path'])
  form(client.call(call['method'], *call['params'].map { |v| value(v) }))
rescue XMLRPC::FaultException => e
  { fault: e.faultCode.to_s }
rescue StandardError => e
  { error: e.message }
end

JSON.parse(File.read(ARGV[1])).each do |call|
  puts JSON.generate(name: call['name'], got: outcome(ARGV[0], call))
end
