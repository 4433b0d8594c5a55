# Perl's RPC::XML against a gateway: perl.pl BASE. It declares us-ascii and sends UTF-8,
# asks for TE, and compresses requests with deflate when told to.
use strict;
use warnings;
use utf8;
use RPC::XML;
use RPC::XML::Client;

binmode STDOUT, ':encoding(UTF-8)';
my $url = "$ARGV[0]/RPC2";
my $failures = 0;

sub check {
	my ($what, $answer, $want) = @_;
	my $got = !ref $answer ? "no answer: $answer"
		: $answer->is_fault ? 'fault ' . $answer->code . ': ' . $answer->string
		: $answer->value;
	return if $got eq $want;
	$failures++;
	print "$what: got $got, want $want\n";
}

$RPC::XML::ENCODING = 'utf-8';
my $plain = RPC::XML::Client->new($url);
check('math.multiply', $plain->send_request('math.multiply', 3, 4), 12);
check('echo of i8', $plain->send_request('echo.echo', RPC::XML::i8->new('5000000000')), '5000000000');
my $text = "caf\x{e9} \x{4e2d}";
check('echo of UTF-8', $plain->send_request('echo.echo', RPC::XML::string->new($text)), $text);

$RPC::XML::ENCODING = 'us-ascii';
check('text under the default encoding', $plain->send_request('echo.echo', 'plain & <simple>'), 'plain & <simple>');

my $fault = $plain->send_request('math.absent');
my $code = ref $fault && $fault->is_fault ? RPC::XML::int->new($fault->code) : $fault;
check('no such method', $code, -32601);

my $deflating = RPC::XML::Client->new($url);
$deflating->compress_requests(1);
$deflating->compress_thresh(1);
check('a deflated request', $deflating->send_request('echo.echo', 'x' x 5000), 'x' x 5000);

exit($failures > 0);
