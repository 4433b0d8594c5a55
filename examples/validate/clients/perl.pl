# Perl's RPC::XML: perl.pl GATEWAY CALLS [deflate]. It asks for TE, declares us-ascii whatever it
# sends, and compresses requests when told to; then it declares UTF-8 here.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use RPC::XML;
use RPC::XML::Client;

my ($gateway, $file, $deflate) = @ARGV;
$RPC::XML::ALLOW_NIL = 1;
$RPC::XML::ENCODING = 'utf-8' if $deflate;
my $json = JSON::PP->new->utf8->canonical;

sub value {
	my ($kind, $content) = %{ $_[0] };
	return RPC::XML::nil->new if $kind eq 'nil';
	return RPC::XML::boolean->new($content ? 1 : 0) if $kind eq 'bool';
	return abs($content) < 2**31 || $content eq '-2147483648' ? RPC::XML::int->new($content) : RPC::XML::i8->new($content) if $kind eq 'int';
	return RPC::XML::double->new($content) if $kind eq 'float';
	return RPC::XML::base64->new(decode_base64($content)) if $kind eq 'bytes';
	return RPC::XML::datetime_iso8601->new($content) if $kind eq 'time';
	return RPC::XML::array->new(map { value($_) } @$content) if $kind eq 'list';
	return RPC::XML::struct->new(map { $_ => value($content->{$_}) } keys %$content) if $kind eq 'map';
	return RPC::XML::string->new($content);
}

sub form {
	my $v = shift;
	my $type = $v->type;
	return { nil => JSON::PP::true } if $type eq 'nil';
	return { bool => $v->value ? JSON::PP::true : JSON::PP::false } if $type eq 'boolean';
	return { int => '' . $v->value } if $type =~ /^i(nt|4|8)$/;
	return { float => '' . $v->value } if $type eq 'double';
	return { bytes => encode_base64($v->value, '') } if $type eq 'base64';
	return { list => [map { form($_) } @$v] } if $type eq 'array';
	return { map => { map { $_ => form($v->{$_}) } keys %$v } } if $type eq 'struct';
	return { str => $v->value } if $type eq 'string';
	(my $time = $v->value) =~ s/^(\d{4})-?(\d\d)-?(\d\d)T/$1-$2-$3T/;
	return { time => $time };
}

sub outcome {
	my $call = shift;
	my $client = RPC::XML::Client->new($gateway . $call->{path});
	if ($deflate) {
		$client->compress_requests(1);
		$client->compress_thresh(1);
	}
	my $answer = eval { $client->send_request($call->{method}, map { value($_) } @{ $call->{params} }) };
	return { error => "$@" || "$RPC::XML::ERROR" || "$answer" } unless ref $answer;
	return $answer->is_fault ? { fault => '' . $answer->code } : form($answer);
}

open my $in, '<', $file or die $!;
my $calls = $json->decode(do { local $/; <$in> });
print $json->encode({ name => $_->{name}, got => outcome($_) }), "\n" for @$calls;
